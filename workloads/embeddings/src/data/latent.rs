//! The latent part of a vector: 32 directions with a decaying spectrum, mixed by 32 weights.

use super::mixture::{Block, COLUMNS, add_mixture};
use super::random::{bell, word};
use crate::simd::Simd;

/// Directions, two and two in a block.
pub(super) const LATENT: usize = 32;

/// The directions, block of columns after block; columns past the last are zero.
#[derive(Debug)]
pub(super) struct Latent {
    blocks: Vec<Block>,
}

impl Latent {
    pub(super) fn new(seed: u64, dimension: usize) -> Self {
        let entry = |direction: usize, column: usize| {
            if column >= dimension {
                return 0;
            }
            let weight = 2048 / (8 + direction as i32);
            let index = (direction * dimension + column) as u64;
            // At most 1020 * 256 / 256.
            ((bell(word(seed, index)) * weight) >> 8) as i16
        };
        let block = |at: usize| {
            std::array::from_fn(|pair| {
                std::array::from_fn(|place| entry(2 * pair + place % 2, at * COLUMNS + place / 2))
            })
        };
        Self {
            blocks: (0..dimension.div_ceil(COLUMNS)).map(block).collect(),
        }
    }

    /// Adds the mixture by the weights of vector `index` of stream `seed` to `sums`, one for each column.
    pub(super) fn add(&self, simd: Simd, seed: u64, index: u64, sums: &mut [i32]) {
        let first = index.wrapping_mul(LATENT as u64);
        let weight = |at: usize| bell(word(seed, first.wrapping_add(at as u64))) as i16;
        let weights = std::array::from_fn(|pair| [weight(2 * pair), weight(2 * pair + 1)]);
        add_mixture(simd, &self.blocks, &weights, sums);
    }
}
