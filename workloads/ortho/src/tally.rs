//! Counts a set of orthos one by one or in groups; tallies of parts add up to that of the whole.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::digest::ortho_hash;

/// Counts, digests and the best ortho of a set, in any order of arrival.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    candidates: u64,
    leaves: u64,
    at_cap: u64,
    levels: BTreeMap<u32, u64>,
    #[serde(with = "pairs")]
    shapes: BTreeMap<Vec<usize>, u64>,
    digest_sum: u64,
    digest_xor: u64,
    best: Option<Best>,
}

impl Tally {
    /// Takes in one distinct ortho: `cells` in cell order, 0 where empty, word index + 1 elsewhere.
    pub fn record(&mut self, dims: &[usize], cells: &[u32]) {
        let filled = filled(cells);
        let hash = ortho_hash(dims, cells);
        self.group(dims, filled, 1, hash, hash);
        self.propose(dims, cells);
    }

    /// Takes in `count` distinct orthos of one shape and level by the sum and the exclusive or of
    /// their hashes. The best of them must be [proposed](Self::propose) apart.
    pub fn group(&mut self, dims: &[usize], filled: u32, count: u64, sum: u64, xor: u64) {
        if count == 0 {
            return;
        }
        *self.levels.entry(filled).or_default() += count;
        match self.shapes.get_mut(dims) {
            Some(known) => *known += count,
            None => {
                self.shapes.insert(dims.to_vec(), count);
            }
        }
        self.add_digests(sum, xor);
    }

    /// Adds the sum and the exclusive or of hashes counted apart.
    pub fn add_digests(&mut self, sum: u64, xor: u64) {
        self.digest_sum = self.digest_sum.wrapping_add(sum);
        self.digest_xor ^= xor;
    }

    /// Lets an ortho compete for the best; returns whether it now is.
    pub fn propose(&mut self, dims: &[usize], cells: &[u32]) -> bool {
        let better = self
            .best
            .as_ref()
            .is_none_or(|best| best.rank() < rank(volume(dims), filled(cells), dims, cells));
        if better {
            self.best = Some(Best {
                volume: volume(dims),
                filled: filled(cells),
                dims: dims.to_vec(),
                cells: cells.to_vec(),
            });
        }
        better
    }

    /// Counts children made.
    pub fn add_candidates(&mut self, count: u64) {
        self.candidates += count;
    }

    /// Counts expanded orthos that had no child.
    pub fn add_leaves(&mut self, count: u64) {
        self.leaves += count;
    }

    /// Takes back leaves that have got a child since.
    pub fn remove_leaves(&mut self, count: u64) {
        self.leaves -= count;
    }

    /// Counts orthos that were not expanded because of the cap.
    pub fn add_at_cap(&mut self, count: u64) {
        self.at_cap += count;
    }

    /// Adds the tally of another part of the same set; the parts must not overlap.
    pub fn merge(&mut self, other: &Self) {
        self.candidates += other.candidates;
        self.leaves += other.leaves;
        self.at_cap += other.at_cap;
        for (&level, &count) in &other.levels {
            *self.levels.entry(level).or_default() += count;
        }
        for (dims, &count) in &other.shapes {
            *self.shapes.entry(dims.clone()).or_default() += count;
        }
        self.digest_sum = self.digest_sum.wrapping_add(other.digest_sum);
        self.digest_xor ^= other.digest_xor;
        if let Some(best) = &other.best {
            self.propose(&best.dims, &best.cells);
        }
    }

    /// Distinct orthos.
    pub fn orthos(&self) -> u64 {
        self.levels.values().sum()
    }

    /// Children made.
    pub fn candidates(&self) -> u64 {
        self.candidates
    }

    /// Expanded orthos without a child.
    pub fn leaves(&self) -> u64 {
        self.leaves
    }

    /// Orthos not expanded because of the cap.
    pub fn at_cap(&self) -> u64 {
        self.at_cap
    }

    /// Orthos per number of filled cells.
    pub fn levels(&self) -> &BTreeMap<u32, u64> {
        &self.levels
    }

    /// Orthos per dims.
    pub fn shapes(&self) -> &BTreeMap<Vec<usize>, u64> {
        &self.shapes
    }

    /// Sum of the hashes modulo 2^64.
    pub fn digest_sum(&self) -> u64 {
        self.digest_sum
    }

    /// Exclusive or of the hashes.
    pub fn digest_xor(&self) -> u64 {
        self.digest_xor
    }

    /// The best ortho so far.
    pub fn best(&self) -> Option<&Best> {
        self.best.as_ref()
    }
}

/// The best ortho of a [`Tally`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Best {
    volume: u64,
    filled: u32,
    dims: Vec<usize>,
    cells: Vec<u32>,
}

impl Best {
    /// Product of `dim - 1` over the dims.
    pub fn volume(&self) -> u64 {
        self.volume
    }

    /// Filled cells.
    pub fn filled(&self) -> u32 {
        self.filled
    }

    /// Length of each axis.
    pub fn dims(&self) -> &[usize] {
        &self.dims
    }

    /// Cells in cell order: 0 where empty, word index + 1 elsewhere.
    pub fn cells(&self) -> &[u32] {
        &self.cells
    }

    fn rank(&self) -> Rank<'_> {
        rank(self.volume, self.filled, &self.dims, &self.cells)
    }
}

type Rank<'a> = (u64, u32, Reverse<&'a [usize]>, Reverse<&'a [u32]>);

/// The total order of the optimum; the greatest rank is the best.
fn rank<'a>(volume: u64, filled: u32, dims: &'a [usize], cells: &'a [u32]) -> Rank<'a> {
    (volume, filled, Reverse(dims), Reverse(cells))
}

fn volume(dims: &[usize]) -> u64 {
    dims.iter().map(|&dim| dim as u64 - 1).product()
}

fn filled(cells: &[u32]) -> u32 {
    cells.iter().filter(|&&cell| cell != 0).count() as u32
}

/// Counts by dims as a list of pairs, since JSON has no maps with lists as keys.
mod pairs {
    use std::collections::BTreeMap;

    use serde::{Deserialize, Deserializer, Serializer};

    type Shapes = BTreeMap<Vec<usize>, u64>;

    pub(super) fn serialize<S: Serializer>(shapes: &Shapes, to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(shapes)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Shapes, D::Error> {
        Vec::deserialize(from).map(|pairs: Vec<_>| pairs.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_optimum_is_by_volume_then_filled_then_dims_then_cells() {
        let in_rising_order: [(&[usize], &[u32]); 5] = [
            (&[2, 2], &[1, 2, 3, 0]),
            (&[3, 2], &[9, 1, 1, 1, 0, 0]),
            (&[3, 2], &[8, 1, 1, 1, 0, 0]),
            (&[2, 3], &[9, 1, 1, 1, 0, 0]),
            (&[3, 2], &[9, 9, 9, 9, 9, 0]),
        ];
        let mut tally = Tally::default();
        for (dims, cells) in in_rising_order {
            assert!(tally.propose(dims, cells), "{dims:?} {cells:?}");
            assert!(!tally.propose(dims, cells));
        }
        for (dims, cells) in in_rising_order {
            assert!(!tally.propose(dims, cells));
        }
    }

    #[test]
    fn parts_add_up_to_the_whole() {
        let orthos: [(&[usize], &[u32]); 4] = [
            (&[2, 2], &[1, 0, 0, 0]),
            (&[2, 2], &[2, 0, 0, 0]),
            (&[3, 2], &[1, 2, 3, 4, 0, 0]),
            (&[2, 2, 2], &[1, 2, 3, 4, 0, 0, 0, 0]),
        ];
        let mut whole = Tally::default();
        let mut parts = [Tally::default(), Tally::default()];
        for (i, (dims, cells)) in orthos.into_iter().enumerate() {
            whole.record(dims, cells);
            parts[i % 2].record(dims, cells);
        }
        let [mut sum, second] = parts;
        sum.merge(&second);
        assert_eq!(sum, whole);
        assert_eq!(sum.orthos(), 4);
    }
}
