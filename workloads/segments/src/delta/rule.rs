//! The rule that decides a delta, free of how matches are looked up.
//!
//! Greedy from left to right: the *diagonal* first (the text goes on as the reference does), then runs of Ns, then
//! the best of the places that an index of the reference knows, else a literal.

use super::Columns;
use crate::code::N;

/// The shortest run of Ns that is written as a run.
const SHORTEST_RUN: usize = 4;

/// How many places of one w-mer are tried.
pub(super) const MOST_CANDIDATES: usize = 64;

/// Every how many bases of the reference a w-mer is looked up.
pub(super) const STRIDE: usize = 4;

/// Bases of the w-mers that are looked up: any match of `min_match` bases holds one at a multiple of [`STRIDE`].
pub(super) fn width(min_match: u32) -> usize {
    assert!(
        (16..=32).contains(&min_match),
        "min_match is {min_match}; it must be from 16 to 32"
    );
    min_match as usize + 1 - STRIDE
}

/// What the implementations do differently.
pub(super) trait Method {
    /// How many codes two strings have in common at their fronts.
    fn common_prefix(a: &[u8], b: &[u8]) -> usize;

    /// The places of the reference, multiples of [`STRIDE`] in ascending order, whose w-mer is that of the text at
    /// `at`; at most the first [`MOST_CANDIDATES`], and none if the text ends in it or it holds an N.
    fn candidates(
        &mut self,
        text: &[u8],
        at: usize,
        reference: &[u8],
    ) -> impl Iterator<Item = usize>;
}

/// A place of the reference from which on the text is the same, and before which too.
#[derive(Debug, Clone, Copy)]
pub(super) struct Match {
    pub(super) position: usize,
    /// Equal codes from the position on.
    pub(super) ahead: usize,
    /// Equal codes, none an N, right before it; those of the text are literals so far.
    pub(super) behind: usize,
}

/// Writes the delta of `text` against `reference`, in place of what `out` held.
pub(super) fn encode<M: Method>(
    text: &[u8],
    reference: &[u8],
    min_match: usize,
    method: &mut M,
    out: &mut Columns,
) {
    out.clear();
    // Where the text is read, where its literals begin that are not written yet, where the reference goes on.
    let (mut at, mut open, mut expected) = (0, 0, 0);
    while at < text.len() {
        let rest = &text[at..];
        let found = diagonal::<M>(rest, reference, expected, min_match);
        if found.is_none() && rest[0] == N {
            let run = rest
                .iter()
                .position(|code| *code != N)
                .unwrap_or(rest.len());
            if run >= SHORTEST_RUN {
                out.put_run(&text[open..at], run);
                at += run;
                expected += run;
                open = at;
                continue;
            }
        }
        let found = found.or_else(|| longest(method, text, open..at, reference, min_match));
        let Some(found) = found else {
            at += 1;
            expected += 1;
            continue;
        };
        out.put_match(&text[open..at - found.behind], expected, found);
        at += found.ahead;
        expected = found.position + found.ahead;
        open = at;
    }
    out.put_end(&text[open..]);
}

/// The match at the place that is expected, if it is long, or reaches the end of both strings.
#[inline]
fn diagonal<M: Method>(
    rest: &[u8],
    reference: &[u8],
    expected: usize,
    min_match: usize,
) -> Option<Match> {
    let there = reference.get(expected..)?;
    // Among literals it mostly fails at once; what ends within a word is left to the rest.
    if let (Some(own), Some(other)) = (rest.first_chunk::<8>(), there.first_chunk::<8>())
        && own != other
    {
        return None;
    }
    let ahead = M::common_prefix(rest, there);
    let to_both_ends = ahead > 0 && ahead == rest.len() && ahead == there.len();
    (ahead >= min_match || to_both_ends).then_some(Match {
        position: expected,
        ahead,
        behind: 0,
    })
}

/// The longest match among the indexed places, the first of equals.
#[inline]
fn longest<M: Method>(
    method: &mut M,
    text: &[u8],
    literals: std::ops::Range<usize>,
    reference: &[u8],
    min_match: usize,
) -> Option<Match> {
    let (rest, at) = (&text[literals.end..], literals.end);
    let literals = &text[literals];
    let mut best = None;
    let mut longest = min_match - 1;
    for position in method.candidates(text, at, reference) {
        let (before, there) = reference.split_at(position);
        let behind = common_suffix(literals, before);
        // A longer match reaches at least this far, which mostly settles it.
        if let Some(reach) = longest.checked_sub(behind) {
            match (rest.get(reach), there.get(reach)) {
                (Some(own), Some(other)) if own == other => {}
                _ => continue,
            }
        }
        let ahead = M::common_prefix(rest, there);
        if ahead + behind > longest {
            longest = ahead + behind;
            best = Some(Match {
                position,
                ahead,
                behind,
            });
        }
    }
    best
}

/// How many codes, none an N, two strings have in common at their ends.
#[inline]
fn common_suffix(a: &[u8], b: &[u8]) -> usize {
    let pairs = a.iter().rev().zip(b.iter().rev());
    pairs.take_while(|(a, b)| a == b && **a != N).count()
}
