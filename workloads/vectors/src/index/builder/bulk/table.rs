//! The distances between all vectors of a leaf.

use crate::index::IndexError;
use crate::index::codes::Codes;
use crate::index::columns::with_room;

use super::route::from;

/// Vectors whose codes stay in the second cache while all others are held against them.
const TILE: usize = 256;
/// Others whose codes stay in the first cache meanwhile.
const STRIP: usize = 16;

/// A square table of distances, used again for every leaf.
#[derive(Debug)]
pub(super) struct Table {
    size: usize,
    stride: usize,
    distances: Vec<f32>,
}

impl Table {
    /// For leaves of so many vectors at most.
    pub(super) fn new(most: usize) -> Result<Self, IndexError> {
        let count = stride(most) * most.next_multiple_of(4);
        let mut distances = with_room("a table of distances", count)?;
        distances.resize(count, 0.0);
        Ok(Self {
            size: 0,
            stride: 0,
            distances,
        })
    }

    /// The table of these vectors. Each distance is computed once, four by four vectors at a time.
    pub(super) fn fill(&mut self, codes: &Codes<'_>, ids: &[u32]) {
        self.size = ids.len();
        self.stride = stride(self.size);
        for top in (0..self.size).step_by(TILE) {
            for left in (top..self.size).step_by(STRIP) {
                for row in (top..self.size.min(top + TILE).min(left + STRIP)).step_by(4) {
                    for column in (left.max(row)..self.size.min(left + STRIP)).step_by(4) {
                        self.fill_block(codes, ids, row, column);
                    }
                }
            }
        }
    }

    /// The block that begins at `row` and `column`, and its mirror image.
    fn fill_block(&mut self, codes: &Codes<'_>, ids: &[u32], row: usize, column: usize) {
        let block = codes.block(from(ids, row), from(ids, column));
        for at in 0..4 {
            let place = (row + at) * self.stride + column;
            self.distances[place..place + 4].copy_from_slice(&block[at]);
            let mirrored = block.map(|distances| distances[at]);
            let place = (column + at) * self.stride + row;
            self.distances[place..place + 4].copy_from_slice(&mirrored);
        }
    }

    /// The distances of the vector at `at` in the leaf to all of it, itself included.
    pub(super) fn row(&self, at: usize) -> &[f32] {
        &self.distances[at * self.stride..][..self.size]
    }

    /// Distances that filling it for so many vectors computes.
    pub(super) fn evaluations(&self) -> u64 {
        let size = self.size as u64;
        size * size.saturating_sub(1) / 2
    }
}

/// From one row to the next: whole blocks, and an odd number of cache lines, so that a column does not fall into few of
/// the cache's sets.
fn stride(size: usize) -> usize {
    size.next_multiple_of(32) + 16
}

/// Bytes of a table for leaves of so many vectors.
pub(in crate::index) fn table_bytes(most: usize) -> usize {
    stride(most) * most.next_multiple_of(4) * size_of::<f32>()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::index::kernels::Kernel;
    use crate::index::tests::{coded, generated};

    #[test]
    fn distances_are_those_of_walks_for_every_size_and_kernel() {
        let encoded = coded(&generated(300, 70));
        for kernel in Kernel::all() {
            let codes = encoded.codes(*kernel);
            let mut table = Table::new(300).unwrap();
            for size in [300, 1, 2, 3, 4, 5, 127, 130, 257] {
                let ids: Vec<u32> = (0..size).map(|at| (at * 7) % 300).collect();
                table.fill(&codes, &ids);
                assert_eq!(table.evaluations(), u64::from(size * (size - 1) / 2));
                for (at, id) in ids.iter().enumerate() {
                    let mut row = table.row(at).iter();
                    codes.near(&codes.origin(*id, &mut Vec::new()), &ids, None, |near| {
                        let distance = row.next().unwrap();
                        assert_eq!(distance.to_bits(), near.distance().to_bits());
                    });
                    assert_eq!(row.next(), None);
                }
            }
        }
    }
}
