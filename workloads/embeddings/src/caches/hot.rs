//! The hot keys: the most popular ones, as many as fill 80 % of the budget.

use super::values::Sizes;

/// Which keys are hot.
pub(super) struct Hot(Vec<u64>);

impl Hot {
    /// The first keys by rank whose values, at what each class costs, fill 80 % of the budget.
    pub(super) fn new(by_rank: &[u32], sizes: &Sizes, costs: &[u64], budget: u64) -> Self {
        let mut bits = vec![0_u64; by_rank.len().div_ceil(64)];
        let mut room = budget / 5 * 4;
        for key in by_rank {
            let cost = costs[sizes.class(*key)];
            if cost > room {
                break;
            }
            room -= cost;
            bits[*key as usize / 64] |= 1 << (key % 64);
        }
        Self(bits)
    }

    #[inline]
    pub(super) fn has(&self, key: u32) -> bool {
        self.0[key as usize / 64] >> (key % 64) & 1 == 1
    }
}
