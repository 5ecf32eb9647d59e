//! Cutting records at splitters: neighbouring segments share the splitter between them.

use std::ops::Range;

use crate::kmer::{Kmer, Roller};
use crate::segment::End;
use crate::splitters::Splitters;

/// A segment of a record: its codes' range, and the splitters at its ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// Its codes in the record, those it shares with its neighbours included.
    pub range: Range<usize>,
    /// What it starts with.
    pub front: End,
    /// What it ends with.
    pub back: End,
}

/// The segments of a whole record.
///
/// A splitter ends a segment with its last base and starts the next with its first; the window is emptied there. The
/// rest after the last splitter is a segment too, unless it is the shared bases alone.
#[must_use]
pub fn segments_of(codes: &[u8], k: u32, contains: impl Fn(u64) -> bool) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut roller = Roller::new(k);
    let (mut start, mut front) = (0, End::NONE);
    for (at, &code) in codes.iter().enumerate() {
        let Some(splitter) = roller.push(code).filter(|kmer| contains(kmer.value)) else {
            continue;
        };
        roller.clear();
        let (end, back) = (at + 1, End::from(splitter));
        pieces.push(Piece {
            range: start..end,
            front,
            back,
        });
        (start, front) = (end - k as usize, back);
    }
    let shared = if front == End::NONE { 0 } else { k as usize };
    if codes.len() - start > shared {
        pieces.push(Piece {
            range: start..codes.len(),
            front,
            back: End::NONE,
        });
    }
    pieces
}

/// Finds the splitters of records whose codes come piece by piece.
#[derive(Debug, Clone)]
pub struct Cutter<'a> {
    splitters: &'a Splitters,
    roller: Roller,
}

impl<'a> Cutter<'a> {
    /// At the start of a record, to be cut at `splitters`, which are k-mers of `k` bases.
    #[must_use]
    pub fn new(k: u32, splitters: &'a Splitters) -> Self {
        Self {
            splitters,
            roller: Roller::new(k),
        }
    }

    /// Starts the next record: no k-mer spans two.
    pub fn start_record(&mut self) {
        self.roller.clear();
    }

    /// Takes the record's next codes, up to the first splitter.
    ///
    /// With a splitter comes how many codes were taken, its last base included; the next call goes on behind it.
    /// Without one, all codes were taken.
    pub fn scan(&mut self, codes: &[u8]) -> Option<(usize, Kmer)> {
        for (at, &code) in codes.iter().enumerate() {
            if let Some(kmer) = self.roller.push(code)
                && self.splitters.contains(kmer.value)
            {
                self.roller.clear();
                return Some((at + 1, kmer));
            }
        }
        None
    }
}
