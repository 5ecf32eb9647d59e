//! The reference genome at two bits a base, without what no k-mer spans.

use crate::code::N;
use crate::kmer::reverse_complement;

/// Bases of a word.
const WORD: usize = 32;

/// K-mers that are gathered before they are taken.
const GATHERED: usize = 256;

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
                let complements = !self.window(start + k - 1);
                let mut push = |place: usize| {
                    let complement = complements >> (2 * (WORD - 1 - place)) & 3;
                    forward = ((forward << 2 | 3) - complement) & mask;
                    reverse = reverse >> 2 | complement << shift;
                    f(start + place, forward.min(reverse));
                };
                if starts.end - start < WORD {
                    for place in 0..starts.end - start {
                        push(place);
                    }
                    break;
                }
                // Four at a time, all in line: a tenth of the time is in the loop itself.
                for four in 0..WORD / 4 {
                    for place in 0..4 {
                        push(4 * four + place);
                    }
                }
            }
        }
    }

    /// Calls `take` with some of the k-mers, in order, many at a time: with what `of` makes of each that it wants.
    ///
    /// For wants that no processor can foretell: there is no branch on them.
    #[inline(always)]
    pub(super) fn gather<T: Copy + Default>(
        &self,
        of: impl Fn(usize, u64) -> (T, bool),
        mut take: impl FnMut(&[T]),
    ) {
        let mut gathered = [T::default(); GATHERED];
        let mut count = 0;
        self.for_each(|first, value| {
            let (item, wanted) = of(first, value);
            gathered[count] = item;
            count += usize::from(wanted);
            if count == GATHERED {
                take(&gathered);
                count = 0;
            }
        });
        take(&gathered[..count]);
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::kmer::Roller;

    proptest! {
        #[test]
        fn kmers_are_those_of_the_records(
            k in 3_u32..=32,
            records in prop::collection::vec(
                prop::collection::vec(prop_oneof![40 => 0_u8..4, 1 => Just(N)], 0..300),
                0..4,
            ),
            length in 1_usize..100,
        ) {
            let mut reference = Reference::new(k);
            let mut expected = Vec::new();
            for record in &records {
                reference.begin_record();
                record.chunks(length).for_each(|codes| reference.push(codes));
                let mut roller = Roller::new(k);
                let kmers = record.iter().filter_map(|code| roller.push(*code));
                expected.extend(kmers.map(|kmer| kmer.value));
            }
            let mut rolled = Vec::new();
            reference.for_each(|first, value| {
                assert_eq!(reference.kmer(first), value);
                rolled.push(value);
            });
            prop_assert_eq!(&rolled, &expected);
            prop_assert_eq!(reference.kmers(), expected.len());
            let mut even = Vec::new();
            let wanted = |_, value| (value, value % 2 == 0);
            reference.gather(wanted, |values| even.extend_from_slice(values));
            expected.retain(|value| value % 2 == 0);
            prop_assert_eq!(even, expected);
        }
    }

    #[test]
    fn stretches_too_short_for_a_kmer_take_nothing() {
        let mut reference = Reference::new(5);
        reference.begin_record();
        for _ in 0..1000 {
            reference.push(&[0, 1, N, 2, 3, 3, 0, N]);
        }
        assert_eq!((reference.kmers(), reference.bases()), (0, 0));
        reference.push(&[3, 2, 1, 0, 3, 2]);
        assert_eq!((reference.kmers(), reference.bases()), (2, 6));
        let span = reference.records().flatten().next().unwrap();
        assert_eq!((span.first, span.at, span.length), (0, 8000, 6));
    }
}
