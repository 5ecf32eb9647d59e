//! Which pivots are nearest to each vector.

use crate::index::codes::Codes;

/// Vectors that are held against all pivots together: their codes stay in the first cache.
pub(super) const ROUTED: usize = 16;

/// What one thread needs to find the nearest pivots.
#[derive(Debug, Default)]
pub(super) struct Router {
    /// Of each vector its nearest pivots so far, the nearest first.
    best: Vec<(f32, u16)>,
}

impl Router {
    /// Writes to `nearest` the places in `pivots` of the `fan` nearest to each of `ids`, of equally near ones the first.
    /// There are `fan` pivots at least, and 65,535 at most.
    pub(super) fn route(
        &mut self,
        codes: &Codes<'_>,
        ids: &[u32],
        pivots: &[u32],
        fan: usize,
        nearest: &mut [u16],
    ) {
        self.best.clear();
        self.best.resize(ids.len() * fan, (f32::INFINITY, 0));
        for first in (0..pivots.len()).step_by(4) {
            let four = from(pivots, first);
            for row in (0..ids.len()).step_by(4) {
                let block = codes.block(from(ids, row), four);
                let rows = self.best[row * fan..].chunks_exact_mut(fan);
                for (best, distances) in rows.zip(&block) {
                    for (pivot, distance) in (first..pivots.len()).zip(distances) {
                        offer(best, *distance, pivot as u16);
                    }
                }
            }
        }
        for (nearest, (_, pivot)) in nearest.iter_mut().zip(&self.best) {
            *nearest = *pivot;
        }
    }
}

/// Takes a pivot into the list of the nearest, when it is one.
fn offer(best: &mut [(f32, u16)], distance: f32, pivot: u16) {
    let Some(last) = best.len().checked_sub(1) else {
        return;
    };
    if distance >= best[last].0 {
        return;
    }
    let place = best.partition_point(|(other, _)| *other <= distance);
    best[place..].rotate_right(1);
    best[place] = (distance, pivot);
}

/// Four of these, the last one again where they end.
pub(super) fn from(ids: &[u32], first: usize) -> [u32; 4] {
    std::array::from_fn(|at| ids[(ids.len() - 1).min(first + at)])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::index::kernels::Kernel;
    use crate::index::near::Near;
    use crate::index::tests::{coded, generated};

    #[test]
    fn the_nearest_pivots_are_found_in_their_order() {
        let rows = generated(120, 24);
        let encoded = coded(&rows);
        let ids: Vec<u32> = (0..14).collect();
        for kernel in Kernel::all() {
            let codes = encoded.codes(*kernel);
            for (count, fan) in [(4_u32, 4), (37, 3), (100, 1)] {
                let pivots: Vec<u32> = (20..20 + count).collect();
                let mut nearest = vec![0; ids.len() * fan];
                Router::default().route(&codes, &ids, &pivots, fan, &mut nearest);
                for (id, nearest) in ids.iter().zip(nearest.chunks_exact(fan)) {
                    let mut all: Vec<Near> = Vec::new();
                    codes.near(&codes.origin(*id, &mut Vec::new()), &pivots, None, |near| {
                        all.push(near)
                    });
                    all.sort_unstable();
                    let expected = all[..fan].iter().map(|near| near.id() as u16 - 20);
                    assert!(expected.eq(nearest.iter().copied()), "{id}");
                }
            }
        }
    }

    #[test]
    fn of_equally_near_pivots_the_first_are_taken() {
        let rows = crate::index::tests::VecRows::new(1, vec![1.0; 12]);
        let encoded = coded(&rows);
        let codes = encoded.codes(Kernel::best());
        let mut nearest = [9; 3];
        Router::default().route(&codes, &[3], &[2, 4, 6, 8, 10], 3, &mut nearest);
        assert_eq!(nearest, [0, 1, 2]);
    }
}
