//! Searching all records, block by block.

use crate::best::{Best, Scored};
use crate::codec::Scorer;
use crate::store::Records;

/// Records whose scores are in memory at a time.
const BLOCK: usize = 4096;

/// The best of all records by the scorer, by their numbers.
pub(super) fn nearest(scorer: &dyn Scorer, records: Records<'_>, most: usize) -> Vec<Scored<u32>> {
    let mut best = Best::new(most);
    let mut scores = [0.0; BLOCK];
    let blocks = records.bytes.chunks(BLOCK * records.stride);
    for (block, first) in blocks.zip((records.first as u32..).step_by(BLOCK)) {
        let scores = &mut scores[..block.len() / records.stride];
        scorer.score(block, records.stride, scores);
        for (score, number) in scores.iter().zip(first..) {
            best.offer(*score, number);
        }
    }
    best.into_sorted()
}
