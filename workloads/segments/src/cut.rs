//! Cutting records at splitters: neighbouring segments share the splitter between them.

use std::ops::Range;

use crate::code::N;
use crate::kmer::{Kmer, Roller};
use crate::segment::End;
use crate::splitters::{Bits, Filter, Splitters};

/// The bits, of eight codes, that no base has.
const NOT_A_BASE: u64 = 0xFCFC_FCFC_FCFC_FCFC;

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
    /// One base short of a k-mer.
    almost: u32,
    /// The last bases, two bits each, the last one lowest.
    bases: u64,
    /// How many of them belong to the window, as far as that is less than a k-mer.
    filled: u32,
}

impl<'a> Cutter<'a> {
    /// At the start of a record, to be cut at `splitters`, which are k-mers of `k` bases.
    #[must_use]
    pub fn new(k: u32, splitters: &'a Splitters) -> Self {
        Self {
            splitters,
            almost: k - 1,
            bases: 0,
            filled: 0,
        }
    }

    /// Starts the next record: no k-mer spans two.
    pub fn start_record(&mut self) {
        self.filled = 0;
    }

    /// Takes the record's next codes, up to the first splitter.
    ///
    /// With a splitter comes how many codes were taken, its last base included; the next call goes on behind it.
    /// Without one, all codes were taken.
    pub fn scan(&mut self, codes: &[u8]) -> Option<(usize, Kmer)> {
        match self.splitters.filter() {
            _ if self.splitters.is_empty() => None,
            Filter::Small(bits) => self.search(bits, codes),
            Filter::Large(bits) => self.search(bits, codes),
        }
    }

    fn search<const WORDS: usize>(
        &mut self,
        filter: &Bits<WORDS>,
        codes: &[u8],
    ) -> Option<(usize, Kmer)> {
        let mut at = 0;
        while at < codes.len() {
            at += self.fill(&codes[at..]);
            let mut bases = self.bases;
            // Every base ends a k-mer now. Eight at a time, only the filter is asked, as long as there is no N.
            while let Some(eight) = codes[at..].first_chunk() {
                let eight = u64::from_le_bytes(*eight);
                if eight & NOT_A_BASE != 0 {
                    break;
                }
                for place in 0..8 {
                    bases = bases << 2 | eight >> (8 * place) & 3;
                    if filter.pass(bases)
                        && let Some(splitter) = self.splitters.ending(bases)
                    {
                        self.filled = 0;
                        return Some((at + place + 1, splitter));
                    }
                }
                at += 8;
            }
            // The codes up to the N, or the last few.
            for &code in &codes[at..] {
                at += 1;
                if code >= N {
                    self.filled = 0;
                    break;
                }
                bases = bases << 2 | u64::from(code);
                if filter.pass(bases)
                    && let Some(splitter) = self.splitters.ending(bases)
                {
                    self.filled = 0;
                    return Some((at, splitter));
                }
            }
            self.bases = bases;
        }
        None
    }

    /// Takes codes until the next base ends a k-mer; how many.
    fn fill(&mut self, codes: &[u8]) -> usize {
        let mut codes_left = codes.iter();
        while self.filled < self.almost {
            match codes_left.next() {
                None => break,
                Some(&code) if code >= N => self.filled = 0,
                Some(&code) => {
                    self.bases = self.bases << 2 | u64::from(code);
                    self.filled += 1;
                }
            }
        }
        codes.len() - codes_left.len()
    }
}
