//! Distances between rows of codes.

use super::Width;
use super::coded::Side;
use super::kernels::Kernel;
use super::near::Near;

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
    dim: usize,
    width: Width,
    stride: usize,
    kernel: Kernel,
}

impl<'a> Codes<'a> {
    /// Rows of codes for `dim` coordinates, so wide, one for every side.
    pub(super) fn new(
        codes: &'a [i8],
        sides: &'a [Side],
        dim: usize,
        width: Width,
        kernel: Kernel,
    ) -> Self {
        let stride = width.row(dim);
        debug_assert!(codes.len() == sides.len() * stride);
        Self {
            codes,
            sides,
            dim,
            width,
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

    /// Vector `id`, to compute distances from. Its codes are unpacked into `unpacked` if they have to be.
    #[inline]
    pub(super) fn origin<'b>(&self, id: u32, unpacked: &'b mut Vec<i8>) -> Origin<'b>
    where
        'a: 'b,
    {
        let codes = match self.width {
            Width::Eight => self.row(id),
            Width::Four => {
                unpacked.resize(self.width.codes(self.dim), 0);
                self.kernel
                    .unpack(bytemuck::cast_slice(self.row(id)), unpacked);
                // What the padding stands for is not 0.
                unpacked[self.dim..].fill(0);
                unpacked
            }
        };
        Origin::new(codes, self.sides[id as usize])
    }

    /// Four vectors at their distances from `origin`; `next` are likely to be asked for next.
    #[inline]
    pub(super) fn near4(&self, origin: &Origin<'_>, ids: [u32; 4], next: [u32; 4]) -> [Near; 4] {
        let sides = ids.map(|id| self.sides[id as usize]);
        let (rows, next) = (ids.map(|id| self.row(id)), next.map(|id| self.row(id)));
        let dots = match self.width {
            Width::Eight => {
                let sums = sides.map(|side| side.sum);
                self.kernel.dot4(origin.codes, rows, sums, next)
            }
            Width::Four => {
                let [rows, next] = [rows, next].map(|rows| rows.map(bytemuck::cast_slice));
                let sum = origin.side.sum;
                self.kernel.dot4_packed(origin.codes, sum, rows, next)
            }
        };
        std::array::from_fn(|at| Near::new(origin.distance(sides[at], dots[at]), ids[at]))
    }

    /// The distance of each of four vectors to each of four others, of codes of 8 bits.
    #[inline]
    pub(super) fn block(&self, ids: [u32; 4], others: [u32; 4]) -> [[f32; 4]; 4] {
        let sides = others.map(|id| self.sides[id as usize]);
        let dots = self.kernel.dot4x4(
            ids.map(|id| self.row(id)),
            others.map(|id| self.row(id)),
            sides.map(|side| side.sum),
        );
        std::array::from_fn(|row| {
            let id = ids[row];
            let origin = Origin::new(self.row(id), self.sides[id as usize]);
            std::array::from_fn(|at| origin.distance(sides[at], dots[row][at]))
        })
    }

    /// What computes the distances.
    pub(super) fn kernel(&self) -> Kernel {
        self.kernel
    }

    /// Hands each vector of `ids` at its distance from `origin` to `take`, in order; `after` are likely to be asked for
    /// next.
    #[inline]
    pub(super) fn near(
        &self,
        origin: &Origin<'_>,
        ids: &[u32],
        after: Option<[u32; 4]>,
        mut take: impl FnMut(Near),
    ) {
        let Some(last) = ids.len().checked_sub(1) else {
            return;
        };
        let four = |first: usize| std::array::from_fn(|at| ids[last.min(first + at)]);
        for first in (0..ids.len()).step_by(4) {
            let next = match after {
                Some(after) if first + 4 > last => after,
                _ => four(first + 4),
            };
            let near = self.near4(origin, four(first), next);
            for near in &near[..4.min(ids.len() - first)] {
                take(*near);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::coded::{Coded, common_exponent, exponent, power_of_two};
    use super::*;

    fn coded(width: Width, vectors: &[Vec<f32>]) -> (Vec<i8>, Vec<Side>) {
        let stride = width.row(vectors[0].len());
        let mut codes = vec![0; stride * vectors.len()];
        let rows: Vec<Coded> = vectors
            .iter()
            .zip(codes.chunks_exact_mut(stride))
            .map(|(vector, codes)| Coded::of(width, vector, codes).unwrap())
            .collect();
        let exponent = common_exponent(rows.iter().copied());
        let sides = rows.iter().map(|row| row.side(width, exponent)).collect();
        (codes, sides)
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
            let (codes, sides) = coded(Width::Eight, &vectors);
            for kernel in Kernel::all() {
                let codes = Codes::new(&codes, &sides, 70, Width::Eight, *kernel);
                let largest = vectors.iter().flatten().fold(0.0, |a, b| f32::max(a, b.abs()));
                let unit = power_of_two(exponent(largest));
                for a in 0..5_usize {
                    codes.near(&codes.origin(a as u32, &mut Vec::new()), &[0, 1, 2, 3, 4], None, |near| {
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
        // In units of 4^2; what four codes of 4 bits stand for is below 1/2.
        for (width, unit, error) in [(Width::Eight, 16.0, 0.2), (Width::Four, 1.0 / 16.0, 0.5)] {
            let (codes, sides) = coded(width, &[vec![0.0; 3], vec![3.0, 0.0, 4.0]]);
            let codes = Codes::new(&codes, &sides, 3, width, Kernel::best());
            let mut found = Vec::new();
            codes.near(&codes.origin(0, &mut Vec::new()), &[0, 1], None, |near| {
                found.push(near.distance())
            });
            assert_eq!(found[0], 0.0);
            assert!((found[1] * unit - 25.0).abs() < error, "{found:?}");
        }
    }
}
