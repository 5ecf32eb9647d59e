//! Zipf's law in integers: which rank a draw is.

use super::error::TraceError;
use super::random::{below, word};

/// Weight of the first rank.
const FIRST: u64 = 1 << 40;

/// Running sums of the weights of all ranks.
pub(super) struct Ranks {
    sums: Vec<u64>,
}

impl Ranks {
    /// Weights fall with this power of the rank. Exponent 1 is exact on every machine; the power of another one is that of the
    /// machine's mathematical library.
    pub(super) fn new(universe: u32, exponent: f64) -> Result<Self, TraceError> {
        if !(0.0..=8.0).contains(&exponent) {
            return Err(TraceError::Exponent(exponent));
        }
        let weight = |rank: u32| {
            if exponent == 1.0 {
                FIRST / u64::from(rank)
            } else {
                (FIRST as f64 * f64::from(rank).powf(-exponent)) as u64
            }
        };
        // At most 2^30 times 2^40.
        let sums = (1..=universe).scan(0_u64, |sum, rank| {
            *sum += weight(rank);
            Some(*sum)
        });
        Ok(Self {
            sums: sums.collect(),
        })
    }

    /// The rank of a random word, from 0.
    pub(super) fn draw(&self, random: u64) -> usize {
        let target = below(random, self.sums.last().copied().unwrap_or_default());
        self.sums.partition_point(|&sum| sum <= target)
    }
}

/// All keys, shuffled (Fisher and Yates): the key of each rank.
pub(crate) fn shuffled(seed: u64, universe: u32) -> Vec<u32> {
    let mut keys: Vec<u32> = (0..universe).collect();
    for at in (1..keys.len()).rev() {
        keys.swap(at, below(word(seed, at as u64), at as u64 + 1) as usize);
    }
    keys
}
