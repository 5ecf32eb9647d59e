//! The choice of neighbours: Algorithm 4 of the paper (Malkov and Yashunin, 2018), the rule of diversity.

use super::codes::Codes;
use super::near::Near;

/// Chooses neighbours; used again for every choice.
#[derive(Debug, Default)]
pub(super) struct Selector {
    chosen: Vec<u32>,
    unpacked: Vec<i8>,
    /// Distances computed so far.
    pub(super) evaluations: u64,
}

impl Selector {
    /// At most `most` of `candidates`, which are given at their distances from the vector that chooses, the nearest
    /// first: those that are nearer to it than to any chosen before. So of several equal vectors one is chosen.
    pub(super) fn choose(
        &mut self,
        codes: &Codes<'_>,
        candidates: impl Iterator<Item = Near>,
        most: usize,
        mut take: impl FnMut(Near),
    ) {
        self.chosen.clear();
        for candidate in candidates {
            if self.chosen.len() == most {
                return;
            }
            if self.adds(codes, candidate) {
                self.chosen.push(candidate.id());
                take(candidate);
            }
        }
    }

    fn adds(&mut self, codes: &Codes<'_>, candidate: Near) -> bool {
        let Some(last) = self.chosen.len().checked_sub(1) else {
            return true;
        };
        let origin = codes.origin(candidate.id(), &mut self.unpacked);
        let four = |first: usize| std::array::from_fn(|at| self.chosen[last.min(first + at)]);
        for first in (0..=last).step_by(4) {
            self.evaluations += 4.min(self.chosen.len() - first) as u64;
            let near = codes.near4(&origin, four(first), four(first + 4));
            if near
                .iter()
                .any(|near| near.distance() <= candidate.distance())
            {
                return false;
            }
        }
        true
    }
}
