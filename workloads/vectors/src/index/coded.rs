//! A vector as a row of codes.
//!
//! Its codes are its coordinates divided by its *scale*, a 127th of its largest magnitude, and rounded, half to even. Of
//! 4 bits they are [levels](LEVELS) for its coordinates divided by their root mean square, two to a byte; their scale is
//! the one with the least error. Scales are kept relative to a power of two near the largest of them all, so that no square overflows, whatever the
//! unit of the vectors. The norm is the codes' own, so that what rounding does to two near vectors, or to two equal
//! ones, cancels out of their distance.

use bytemuck::{Pod, Zeroable};

use super::Width;
use super::kernels::{LEVELS, PACKED_UNIT};

/// What belongs to a row of codes.
#[derive(Debug, Clone, Copy, PartialEq, Pod, Zeroable)]
#[repr(C)]
pub(super) struct Side {
    /// A code of 1 stands for this coordinate, times 2^exponent.
    pub(super) scale: f32,
    /// The squared length of the decoded vector, in units of 4^exponent.
    pub(super) norm: f32,
    /// The sum of the codes.
    pub(super) sum: i32,
}

/// A row as it was coded, before the exponent is known.
#[derive(Debug, Clone, Copy)]
pub(super) struct Coded {
    /// The largest coordinate; of codes of 4 bits, what four of them stand for.
    magnitude: f32,
    squares: i32,
    sum: i32,
}

impl Coded {
    /// Writes the codes of `vector`, so wide, into `row`.
    ///
    /// # Errors
    /// The first coordinate that is not finite.
    pub(super) fn of(width: Width, vector: &[f32], row: &mut [i8]) -> Result<Self, usize> {
        match width {
            Width::Eight => Self::new(vector, row),
            Width::Four => Self::packed(vector, bytemuck::cast_slice_mut(row)),
        }
    }

    /// Writes the codes of `vector` into `codes`, which may be longer; the rest is left alone.
    ///
    /// # Errors
    /// The first coordinate that is not finite.
    pub(super) fn new(vector: &[f32], codes: &mut [i8]) -> Result<Self, usize> {
        /// Added to a number below 2^51, it leaves no room for a fraction: the sum is rounded, half to even, and ends
        /// in the integer's own bits. A call for every coordinate would take far longer.
        const ROUND: f64 = (3_u64 << 51) as f64;
        let largest = vector
            .iter()
            .fold(0.0, |largest, x| f32::max(largest, x.abs()));
        // `max` passes over a NaN, so that each coordinate is looked at.
        if let Some(column) = vector.iter().position(|x| !x.is_finite()) {
            return Err(column);
        }
        let factor = if largest > 0.0 {
            127.0 / f64::from(largest)
        } else {
            0.0
        };
        for (code, x) in codes.iter_mut().zip(vector) {
            *code = (f64::from(*x) * factor + ROUND).to_bits() as i8;
        }
        let codes = &codes[..vector.len()];
        Ok(Self {
            magnitude: largest,
            squares: codes.iter().map(|code| i32::from(*code).pow(2)).sum(),
            sum: codes.iter().map(|code| i32::from(*code)).sum(),
        })
    }

    /// Writes the codes of 4 bits of `vector` into `row`, whole units of them; those of the padding are 0.
    fn packed(vector: &[f32], row: &mut [u8]) -> Result<Self, usize> {
        if let Some(column) = vector.iter().position(|x| !x.is_finite()) {
            return Err(column);
        }
        let wide = |x: &f32| f64::from(*x);
        let squared: f64 = vector.iter().map(|x| wide(x) * wide(x)).sum();
        let mean = (squared / vector.len().max(1) as f64).sqrt();
        let factor = if mean > 0.0 { 1.0 / mean } else { 0.0 };
        let (mut product, mut squares, mut sum) = (0.0, 0, 0);
        let mut code = |x: &f32| {
            let code = code((wide(x) * factor) as f32);
            let level = i32::from(LEVELS[usize::from(code)]);
            product += wide(x) * f64::from(level);
            squares += level * level;
            sum += level;
            code
        };
        row.fill(0);
        let units = vector.chunks(PACKED_UNIT);
        for (unit, bytes) in units.zip(row.chunks_exact_mut(PACKED_UNIT / 2)) {
            let (low, high) = unit.split_at(unit.len().min(PACKED_UNIT / 2));
            for (byte, x) in bytes.iter_mut().zip(low) {
                *byte = code(x);
            }
            for (byte, x) in bytes.iter_mut().zip(high) {
                *byte |= code(x) << 4;
            }
        }
        // At most a sixth of the mean, for no level is below 6: four of them fit an f32 if the coordinates do.
        let scale = product / f64::from(squares.max(1));
        Ok(Self {
            magnitude: (scale * 4.0) as f32,
            squares,
            sum,
        })
    }

    /// This, where later its side will be.
    pub(super) fn held(self) -> Side {
        Side {
            scale: self.magnitude,
            norm: f32::from_bits(self.squares as u32),
            sum: self.sum,
        }
    }

    /// What [`Coded::held`] was given.
    pub(super) fn from_held(side: Side) -> Self {
        Self {
            magnitude: side.scale,
            squares: side.norm.to_bits() as i32,
            sum: side.sum,
        }
    }

    /// What goes beside the row, of codes so wide, scales being relative to 2^`exponent`.
    pub(super) fn side(self, width: Width, exponent: i32) -> Side {
        /// Larger scales, which only a query can have, would make distances overflow; what is that far away is about
        /// as far from everything.
        const LARGEST: f64 = (1 << 20) as f64;
        let codes = match width {
            Width::Eight => 127.0,
            Width::Four => 4.0,
        };
        let scale = f64::from(self.magnitude) / codes * power_of_two(-exponent);
        let scale = scale.min(LARGEST) as f32;
        Side {
            scale,
            norm: (scale * scale) * self.squares as f32,
            sum: self.sum,
        }
    }
}

/// The code whose level is the nearest to `x`, in units of the root mean square.
fn code(x: f32) -> u8 {
    /// Halfway between two levels each, in these units.
    const BOUNDS: [f32; 7] = [0.2582, 0.5224, 0.7996, 1.099, 1.437, 1.844, 2.401];
    let beyond: u8 = BOUNDS.iter().map(|bound| u8::from(x.abs() >= *bound)).sum();
    if x < 0.0 { 7 - beyond } else { 8 + beyond }
}

/// The exponent for vectors whose largest magnitude is `largest`, finite: the largest e with 2^e <= `largest`.
pub(super) fn exponent(largest: f32) -> i32 {
    if largest == 0.0 {
        return 0;
    }
    // Every f32, a subnormal one too, is a normal f64.
    (f64::from(largest).to_bits() >> 52) as i32 - 1023
}

/// 2^`exponent`, for exponents of f32 and their negatives.
pub(super) fn power_of_two(exponent: i32) -> f64 {
    f64::from_bits(((1023 + i64::from(exponent)) as u64) << 52)
}

/// Exponents that [`exponent`] gives.
pub(super) const EXPONENTS: std::ops::RangeInclusive<i32> = -149..=127;

/// The exponent for rows that were coded.
pub(super) fn common_exponent(rows: impl Iterator<Item = Coded>) -> i32 {
    exponent(rows.fold(0.0, |largest, row| f32::max(largest, row.magnitude)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_rounded_half_to_even() {
        let mut codes = [9; 6];
        let row = Coded::new(&[127.0, -127.0, 0.5, 1.5, -2.5], &mut codes).unwrap();
        assert_eq!(codes, [127, -127, 0, 2, -2, 9]);
        assert_eq!((row.sum, row.squares), (0, 2 * 127 * 127 + 8));
    }

    #[test]
    fn codes_of_4_bits_are_the_nearest_levels() {
        // Halfway between two levels, in units of the root mean square.
        let levels = LEVELS.map(|level| f32::from(level) / 46.47);
        for at in 0..200_u8 {
            let x = f32::from(at) / 50.0 - 2.0;
            let nearest = (0..16).min_by(|a: &usize, b| {
                f32::total_cmp(&(levels[*a] - x).abs(), &(levels[*b] - x).abs())
            });
            let [given, nearest] = [usize::from(code(x)), nearest.unwrap()];
            // Levels are whole numbers, bounds are not.
            assert!(
                (levels[given] - x).abs() <= (levels[nearest] - x).abs() + 0.02,
                "{x}"
            );
        }
        assert_eq!([-9.0, -0.0, 0.0, 9.0].map(code), [0, 8, 8, 15]);
    }

    #[test]
    fn a_row_of_4_bits_has_its_own_length_and_what_lies_beyond_it_is_0() {
        let vector: Vec<f32> = (0..70).map(|at| (at as f32 * 0.7).sin() * 3.0).collect();
        let mut row = [0x77; 64];
        let coded = Coded::packed(&vector, &mut row).unwrap();
        assert!(row[6..].iter().all(|both| both >> 4 == 0));
        let side = coded.side(Width::Four, 0);
        let length: f32 = vector.iter().map(|x| x * x).sum();
        assert!((side.norm / length - 1.0).abs() < 0.05, "{side:?} {length}");
        assert_eq!(Coded::packed(&[1.0, f32::NAN], &mut row).unwrap_err(), 1);
    }

    #[test]
    fn the_first_coordinate_that_is_not_finite_is_named() {
        for value in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
            assert_eq!(
                Coded::new(&[1.0, value, f32::NAN], &mut [0; 3]).unwrap_err(),
                1
            );
        }
    }

    #[test]
    fn exponents_are_those_of_the_largest() {
        for (largest, expected) in [
            (1.0, 0),
            (1.99, 0),
            (0.5, -1),
            (0.0, 0),
            (f32::MAX, 127),
            (f32::from_bits(1), -149),
        ] {
            assert_eq!(exponent(largest), expected, "{largest}");
            assert!(EXPONENTS.contains(&exponent(largest)));
        }
    }
}
