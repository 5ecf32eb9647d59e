//! The reference genome at two bits a base, without what no k-mer spans.

use crate::code::N;
use crate::kmer::reverse_complement;

/// Bases of a word.
const WORD: usize = 32;

/// The reference genome: its stretches between Ns, as far as they hold a k-mer.
///
/// Two bits a base, and 16 bytes a stretch.
#[derive(Debug)]
pub struct Reference {
    k: u32,
    /// 32 bases a word, the first one highest.
    words: Vec<u64>,
    bases: usize,
    stretches: Vec<Stretch>,
    /// For each record, the number of stretches before it.
    records: Vec<usize>,
    /// Length of the open record so far.
    at: u64,
    /// The last stretch goes on.
    open: bool,
}

/// Codes without an N in a row.
#[derive(Debug, Clone, Copy)]
struct Stretch {
    /// Where it starts among all bases kept.
    first: usize,
    /// Where it starts in its record.
    at: u64,
}

/// A stretch with its end.
#[derive(Debug, Clone, Copy)]
pub(super) struct Span {
    /// Where it starts among all bases kept.
    pub(super) first: usize,
    /// Where it starts in its record.
    pub(super) at: u64,
    /// Bases.
    pub(super) length: usize,
}

impl Span {
    /// Where it ends in its record.
    pub(super) fn end(self) -> u64 {
        self.at + self.length as u64
    }

    /// Which of all bases kept is at a place in the record.
    pub(super) fn base(self, at: u64) -> usize {
        self.first + (at - self.at) as usize
    }
}

impl Reference {
    /// A reference without records, of which the k-mers will be asked for.
    #[must_use]
    pub fn new(k: u32) -> Self {
        debug_assert!((3..=32).contains(&k), "k is {k}");
        Self {
            k,
            words: Vec::new(),
            bases: 0,
            stretches: Vec::new(),
            records: Vec::new(),
            at: 0,
            open: false,
        }
    }

    /// Starts the next record.
    pub fn begin_record(&mut self) {
        self.close();
        self.records.push(self.stretches.len());
        self.at = 0;
    }

    /// Takes the record's next codes.
    pub fn push(&mut self, mut codes: &[u8]) {
        while !codes.is_empty() {
            let known = memchr::memchr(N, codes).unwrap_or(codes.len());
            if known > 0 {
                if !self.open {
                    let (first, at) = (self.bases, self.at);
                    self.stretches.push(Stretch { first, at });
                    self.open = true;
                }
                self.append(&codes[..known]);
            }
            codes = &codes[known..];
            let unknown = codes.iter().take_while(|code| **code == N).count();
            if unknown > 0 {
                self.close();
            }
            codes = &codes[unknown..];
            self.at += (known + unknown) as u64;
        }
    }

    /// Ends the stretch; one without a k-mer is forgotten.
    fn close(&mut self) {
        if !std::mem::take(&mut self.open) {
            return;
        }
        let Some(stretch) = self.stretches.last() else {
            return;
        };
        if self.bases - stretch.first < self.k as usize {
            self.bases = stretch.first;
            self.words.truncate(self.bases.div_ceil(WORD));
            if let (Some(word), used @ 1..) = (self.words.last_mut(), self.bases % WORD) {
                *word &= !(u64::MAX >> (2 * used));
            }
            self.stretches.pop();
        }
    }

    fn append(&mut self, codes: &[u8]) {
        // Room that is never touched costs nothing, so growth need not be doubling: an eighth is enough, in whole.
        let words = (self.bases + codes.len()).div_ceil(WORD);
        if words > self.words.capacity() {
            let room = (words / 8).max(1 << 12);
            self.words.reserve_exact(words + room - self.words.len());
        }
        let space = (WORD - self.bases % WORD) % WORD;
        let (head, rest) = codes.split_at(space.min(codes.len()));
        if let Some(word) = self.words.last_mut() {
            for (place, &code) in (self.bases % WORD..).zip(head) {
                *word |= u64::from(code) << (2 * (WORD - 1 - place));
            }
        }
        self.words.extend(rest.chunks(WORD).map(|bases| {
            let word = bases
                .iter()
                .fold(0, |word, base| word << 2 | u64::from(*base));
            // A part of a word is left-aligned; a whole one is not moved.
            word << (2 * (WORD - bases.len()))
        }));
        self.bases += codes.len();
    }

    /// Bases of a k-mer.
    #[must_use]
    pub fn k(&self) -> u32 {
        self.k
    }

    /// Bytes on the heap.
    #[must_use]
    pub fn heap_bytes(&self) -> usize {
        self.words.capacity() * size_of::<u64>()
            + self.stretches.capacity() * size_of::<Stretch>()
            + self.records.capacity() * size_of::<usize>()
    }

    /// How many bases are kept.
    pub(super) fn bases(&self) -> usize {
        self.bases
    }

    /// How many k-mers there are, counted as often as they occur.
    pub(super) fn kmers(&self) -> usize {
        let k = self.k as usize;
        let spans = self.records().flatten();
        spans.map(|span| (span.length + 1).saturating_sub(k)).sum()
    }

    /// The stretches of each record.
    pub(super) fn records(
        &self,
    ) -> impl Iterator<Item = impl DoubleEndedIterator<Item = Span> + Clone + '_> + '_ {
        (0..self.records.len()).map(move |record| {
            let end = self.records.get(record + 1);
            let range = self.records[record]..end.copied().unwrap_or(self.stretches.len());
            range.map(move |number| {
                let Stretch { first, at } = self.stretches[number];
                let next = self.stretches.get(number + 1);
                let length = next.map_or(self.bases, |next| next.first) - first;
                Span { first, at, length }
            })
        })
    }

    /// The canonical value of the k-mer that starts with the `first`th base kept.
    pub(super) fn kmer(&self, first: usize) -> u64 {
        let read = self.window(first) >> (64 - 2 * self.k);
        read.min(reverse_complement(read, self.k))
    }

    /// Calls `f` with every k-mer, in order: which of the bases kept it starts with, and its canonical value.
    #[inline(always)]
    pub(super) fn for_each(&self, mut f: impl FnMut(usize, u64)) {
        let k = self.k as usize;
        let mask = u64::MAX >> (64 - 2 * self.k);
        let shift = 2 * (self.k - 1);
        for span in self.records().flatten().filter(|span| span.length >= k) {
            // All of the first k-mer but its last base.
            let mut forward = self.window(span.first) >> (64 - shift);
            let mut reverse = reverse_complement(forward, self.k - 1) << 2;
            let starts = span.first..span.first + span.length + 1 - k;
            for start in starts.clone().step_by(WORD) {
                let mut word = self.window(start + k - 1);
                for first in start..starts.end.min(start + WORD) {
                    let code = word >> 62;
                    word <<= 2;
                    forward = (forward << 2 | code) & mask;
                    reverse = reverse >> 2 | (code ^ 3) << shift;
                    f(first, forward.min(reverse));
                }
            }
        }
    }

    /// 32 bases from the `first`th on, the first one highest; past the last one, zeros.
    fn window(&self, first: usize) -> u64 {
        let (word, skip) = (first / WORD, 2 * (first % WORD) as u32);
        let high = self.words[word] << skip;
        match self.words.get(word + 1) {
            Some(next) if skip > 0 => high | next >> (64 - skip),
            _ => high,
        }
    }
}
