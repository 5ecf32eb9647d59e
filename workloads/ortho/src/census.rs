//! Counting distinct orthos by pattern, in the inner loop of a search.

use crate::Tally;
use crate::interner::Token;
use crate::pattern::{Graph, Pattern, PatternId};

/// Orthos counted so far. Cheaper than a [`Tally`], into which it turns in the end.
#[derive(Debug, Default)]
pub(crate) struct Census {
    counts: Vec<u64>,
    sum: u64,
    xor: u64,
    /// Merit of the best ortho so far: no other pattern's orthos need be compared.
    merit: u64,
    best: Tally,
}

impl Census {
    /// Makes room for all patterns of `graph`.
    #[inline]
    pub(crate) fn make_room(&mut self, graph: &Graph) {
        self.counts.resize(graph.len(), 0);
    }

    /// Counts an ortho by its pattern, hash and cells.
    #[inline]
    pub(crate) fn record(&mut self, id: PatternId, pattern: &Pattern, hash: u64, cells: &[Token]) {
        self.counts[id as usize] += 1;
        self.sum = self.sum.wrapping_add(hash);
        self.xor ^= hash;
        if pattern.merit >= self.merit {
            self.merit = pattern.merit;
            self.best.propose(pattern.shape.dims(), cells);
        }
    }

    /// How many orthos were counted.
    pub(crate) fn orthos(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// The tally of what was counted, those of level `cap` as at the cap.
    pub(crate) fn tally(&self, graph: &Graph, cap: u32) -> Tally {
        let mut tally = self.best.clone();
        for (id, &count) in self.counts.iter().enumerate() {
            let pattern = graph.pattern(id as PatternId);
            tally.group(pattern.shape.dims(), pattern.level, count, 0, 0);
            if pattern.level == cap {
                tally.add_at_cap(count);
            }
        }
        tally.add_digests(self.sum, self.xor);
        tally
    }
}
