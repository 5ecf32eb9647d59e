//! Vectors as rows of int8 codes, and distances between them.
//!
//! A vector's codes are its coordinates divided by its *scale*, a 127th of its largest magnitude, and rounded, half to
//! even. Scales are kept relative to a power of two near the largest of them all, so that no square overflows,
//! whatever the unit of the vectors. Distances are those between decoded vectors: the norm is the codes' own, so that
//! what rounding does to two near vectors, or to two equal ones, cancels out.

use bytemuck::{Pod, Zeroable};

use super::kernels::{Kernel, UNIT};
use super::near::Near;

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
fn power_of_two(exponent: i32) -> f64 {
    f64::from_bits(((1023 + i64::from(exponent)) as u64) << 52)
}

/// Exponents that [`exponent`] gives.
pub(super) const EXPONENTS: std::ops::RangeInclusive<i32> = -149..=127;

/// The exponent for rows that were coded.
pub(super) fn common_exponent(rows: impl Iterator<Item = Coded>) -> i32 {
    exponent(rows.fold(0.0, |largest, row| f32::max(largest, row.largest)))
}

/// A vector that distances are computed from: a row of the index, or a query.
#[derive(Debug, Clone, Copy)]
pub(super) struct Origin<'a> {
    codes: &'a [i8],
    side: Side,
}

impl<'a> Origin<'a> {
    pub(super) fn new(codes: &'a [i8], side: Side) -> Self {
        Self { codes, side }
    }

    /// The squared distance to a row whose product with this one is `dot`. Written so that it is the same from both
    /// ends, and exactly 0 between equal rows.
    #[inline]
    fn distance(&self, other: Side, dot: i32) -> f32 {
        let product = (self.side.scale * other.scale) * dot as f32;
        ((self.side.norm + other.norm) - (product + product)).max(0.0)
    }
}

/// The codes of all vectors, row by row.
#[derive(Debug, Clone, Copy)]
pub(super) struct Codes<'a> {
    codes: &'a [i8],
    sides: &'a [Side],
    stride: usize,
    kernel: Kernel,
}

impl<'a> Codes<'a> {
    /// Rows of `stride` codes, one for every side.
    pub(super) fn new(codes: &'a [i8], sides: &'a [Side], stride: usize, kernel: Kernel) -> Self {
        debug_assert!(codes.len() == sides.len() * stride);
        Self {
            codes,
            sides,
            stride,
            kernel,
        }
    }

    /// How many vectors there are.
    pub(super) fn len(&self) -> usize {
        self.sides.len()
    }

    #[inline]
    fn row(&self, id: u32) -> &'a [i8] {
        // No overflow: the product is within the length of `codes`.
        &self.codes[id as usize * self.stride..][..self.stride]
    }

    /// Vector `id`, to compute distances from.
    #[inline]
    pub(super) fn origin(&self, id: u32) -> Origin<'a> {
        Origin::new(self.row(id), self.sides[id as usize])
    }

    /// Four vectors at their distances from `origin`; `next` are likely to be asked for next.
    #[inline]
    pub(super) fn near4(&self, origin: &Origin<'_>, ids: [u32; 4], next: [u32; 4]) -> [Near; 4] {
        let sides = ids.map(|id| self.sides[id as usize]);
        let dots = self.kernel.dot4(
            origin.codes,
            ids.map(|id| self.row(id)),
            sides.map(|side| side.sum),
            next.map(|id| self.row(id)),
        );
        std::array::from_fn(|at| Near::new(origin.distance(sides[at], dots[at]), ids[at]))
    }

    /// Hands each vector of `ids` at its distance from `origin` to `take`, in order.
    #[inline]
    pub(super) fn near(&self, origin: &Origin<'_>, ids: &[u32], mut take: impl FnMut(Near)) {
        let Some(last) = ids.len().checked_sub(1) else {
            return;
        };
        let four = |first: usize| std::array::from_fn(|at| ids[last.min(first + at)]);
        for first in (0..ids.len()).step_by(4) {
            let near = self.near4(origin, four(first), four(first + 4));
            for near in &near[..4.min(ids.len() - first)] {
                take(*near);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn coded(vectors: &[Vec<f32>]) -> (Vec<i8>, Vec<Side>, usize) {
        let stride = stride(vectors[0].len());
        let mut codes = vec![0; stride * vectors.len()];
        let rows: Vec<Coded> = vectors
            .iter()
            .zip(codes.chunks_exact_mut(stride))
            .map(|(vector, codes)| Coded::new(vector, codes).unwrap())
            .collect();
        let exponent = common_exponent(rows.iter().copied());
        let sides = rows.iter().map(|row| row.side(exponent)).collect();
        (codes, sides, stride)
    }

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

    proptest! {
        /// Half a step in every coordinate of both vectors, at most.
        #[test]
        fn distances_are_near_the_true_ones_in_every_unit(
            vectors in proptest::collection::vec(proptest::collection::vec(-1.0_f32..1.0, 70), 5),
            unit in prop_oneof![Just(1.0_f32), Just(1e-42), Just(3e38)],
        ) {
            let vectors: Vec<Vec<f32>> =
                vectors.iter().map(|vector| vector.iter().map(|x| x * unit).collect()).collect();
            let (codes, sides, stride) = coded(&vectors);
            for kernel in Kernel::all() {
                let codes = Codes::new(&codes, &sides, stride, *kernel);
                let largest = vectors.iter().flatten().fold(0.0, |a, b| f32::max(a, b.abs()));
                let unit = power_of_two(exponent(largest));
                for a in 0..5_usize {
                    codes.near(&codes.origin(a as u32), &[0, 1, 2, 3, 4], |near| {
                        let b = near.id() as usize;
                        let truth = vectors[a]
                            .iter()
                            .zip(&vectors[b])
                            .map(|(a, b)| ((f64::from(*a) - f64::from(*b)) / unit).powi(2))
                            .sum::<f64>();
                        let bound = 70_f64.sqrt() * 2.0 / 127.0;
                        let error = (f64::from(near.distance()).sqrt() - truth.sqrt()).abs();
                        assert!(error <= bound, "{error} > {bound}");
                        if a == b {
                            assert_eq!(near.distance(), 0.0);
                        }
                    });
                }
            }
        }
    }

    #[test]
    fn a_zero_vector_is_as_far_as_the_other_is_long() {
        let (codes, sides, stride) = coded(&[vec![0.0; 3], vec![3.0, 0.0, 4.0]]);
        let codes = Codes::new(&codes, &sides, stride, Kernel::best());
        let mut found = Vec::new();
        codes.near(&codes.origin(0), &[0, 1], |near| {
            found.push(near.distance())
        });
        assert_eq!(found[0], 0.0);
        // In units of 4^2.
        assert!((found[1] * 16.0 - 25.0).abs() < 0.2, "{found:?}");
    }
}
