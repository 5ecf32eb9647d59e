//! Scoring all vectors of a column.

use rayon::prelude::*;

use super::top::Top;
use crate::codec::Scorer;

/// Rows scored at a time: their scores stay in the first cache.
const ROWS: usize = 256;

/// Rows of a piece that one thread takes.
const PIECE: usize = 64 * ROWS;

/// Offers the scores of `count` payloads, `stride` bytes apart, to `top`; the first is that of vector `first`.
///
/// # Panics
/// `records` do not hold so many payloads.
pub fn scan(
    scorer: &dyn Scorer,
    records: &[u8],
    stride: usize,
    count: usize,
    first: u64,
    top: &mut Top,
) {
    let mut scores = [0.0; ROWS];
    for at in (0..count).step_by(ROWS) {
        let scores = &mut scores[..ROWS.min(count - at)];
        scorer.score(&records[at * stride..], stride, scores);
        top.offer(first + at as u64, scores);
    }
}

/// The best `k` of the scores of `count` payloads, by all threads of the current pool: the same on any number of them.
///
/// # Panics
/// As [`scan`].
#[must_use]
pub fn scan_in_parallel(
    scorer: &dyn Scorer,
    records: &[u8],
    stride: usize,
    count: usize,
    first: u64,
    k: usize,
) -> Top {
    let none = || Top::new(k);
    let pieces = (0..count.div_ceil(PIECE)).into_par_iter();
    let scanned = pieces.fold(none, |mut top, piece| {
        let at = piece * PIECE;
        let records = &records[at * stride..];
        scan(
            scorer,
            records,
            stride,
            PIECE.min(count - at),
            first + at as u64,
            &mut top,
        );
        top
    });
    scanned.reduce(none, |mut one, other| {
        one.merge(other);
        one
    })
}
