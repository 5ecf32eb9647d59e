//! A vector as a row of int8 codes.
//!
//! Its codes are its coordinates divided by its *scale*, a 127th of its largest magnitude, and rounded, half to even.
//! Scales are kept relative to a power of two near the largest of them all, so that no square overflows, whatever the
//! unit of the vectors. The norm is the codes' own, so that what rounding does to two near vectors, or to two equal
//! ones, cancels out of their distance.

use bytemuck::{Pod, Zeroable};

use super::kernels::UNIT;

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

/// Codes in a row for `dim` coordinates, the padding included.
pub(super) fn stride(dim: usize) -> usize {
    dim.next_multiple_of(UNIT)
}

/// A row as it was coded, before the exponent is known.
#[derive(Debug, Clone, Copy)]
pub(super) struct Coded {
    largest: f32,
    squares: i32,
    sum: i32,
}

impl Coded {
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
            largest,
            squares: codes.iter().map(|code| i32::from(*code).pow(2)).sum(),
            sum: codes.iter().map(|code| i32::from(*code)).sum(),
        })
    }

    /// This, where later its side will be.
    pub(super) fn held(self) -> Side {
        Side {
            scale: self.largest,
            norm: f32::from_bits(self.squares as u32),
            sum: self.sum,
        }
    }

    /// What [`Coded::held`] was given.
    pub(super) fn from_held(side: Side) -> Self {
        Self {
            largest: side.scale,
            squares: side.norm.to_bits() as i32,
            sum: side.sum,
        }
    }

    /// What goes beside the row, scales being relative to 2^`exponent`.
    pub(super) fn side(self, exponent: i32) -> Side {
        /// Larger scales, which only a query can have, would make distances overflow; what is that far away is about
        /// as far from everything.
        const LARGEST: f64 = (1 << 20) as f64;
        let scale = f64::from(self.largest) / 127.0 * power_of_two(-exponent);
        let scale = scale.min(LARGEST) as f32;
        Side {
            scale,
            norm: (scale * scale) * self.squares as f32,
            sum: self.sum,
        }
    }
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
    exponent(rows.fold(0.0, |largest, row| f32::max(largest, row.largest)))
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
