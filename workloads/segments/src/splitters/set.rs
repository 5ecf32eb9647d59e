//! The chosen splitters: a filter that stays in cache, and an exact table behind it.

use std::fmt;

use crate::kmer::{Kmer, NONE, reverse_complement};

/// A multiplier without structure: the golden ratio's fraction, made odd (Knuth, TAOCP 3, 6.4).
pub(super) const MULTIPLIER: u64 = 0x9E37_79B9_7F4A_7C15;

/// Words of the filter of a small set: 32 KiB, which leaves room in the first-level cache.
const SMALL: usize = 1 << 12;

/// Words of the filter of a large set: 256 KiB, which the second level holds.
const LARGE: usize = 1 << 15;

/// Most splitters for which the small filter lets only one k-mer in fifty through.
const FEW: usize = 2_600;

/// The splitters of a reference genome.
#[derive(Clone)]
pub struct Splitters {
    k: u32,
    /// Ascending, each once.
    values: Vec<u64>,
    /// Open addressing, at most half full; [`NONE`] where free.
    table: Vec<u64>,
    filter: Filter,
}

/// The filter in one of two sizes. The size is a part of the type, so that no index needs a check.
#[derive(Clone)]
pub(crate) enum Filter {
    Small(Bits<SMALL>),
    Large(Bits<LARGE>),
}

/// A bit for the hash of each splitter as it may be read, in either direction: so a k-mer is looked up as it is read,
/// and its reverse complement is only asked for behind the filter.
#[derive(Clone)]
pub(crate) struct Bits<const WORDS: usize> {
    words: Box<[u64; WORDS]>,
    /// Leaves nothing of what is above the k-mer in its word.
    multiplier: u64,
}

impl<const WORDS: usize> Bits<WORDS> {
    fn new(k: u32, canonical: &[u64]) -> Self {
        let mut bits = Self {
            words: Box::new([0; WORDS]),
            multiplier: MULTIPLIER << (64 - 2 * k),
        };
        for &value in canonical {
            for value in [value, reverse_complement(value, k)] {
                let (word, bit) = bits.place(value);
                bits.words[word] |= 1 << bit;
            }
        }
        bits
    }

    /// The hash's highest bits: word, and bit in it.
    #[inline(always)]
    fn place(&self, bases: u64) -> (usize, u32) {
        let log = WORDS.ilog2();
        let hash = bases.wrapping_mul(self.multiplier);
        (
            (hash >> (64 - log)) as usize,
            (hash >> (58 - log)) as u32 % 64,
        )
    }

    /// Whether the last k of these bases can be a splitter. What is before them in the word does not matter.
    #[inline(always)]
    pub(crate) fn pass(&self, bases: u64) -> bool {
        let (word, bit) = self.place(bases);
        self.words[word] >> bit & 1 != 0
    }
}

impl Splitters {
    /// The set of these canonical values of k-mers.
    #[must_use]
    pub fn new(k: u32, canonical: impl IntoIterator<Item = u64>) -> Self {
        debug_assert!((3..=32).contains(&k), "k is {k}");
        let mut values: Vec<u64> = canonical.into_iter().collect();
        values.sort_unstable();
        values.dedup();
        values.shrink_to_fit();
        let filter = if values.len() <= FEW {
            Filter::Small(Bits::new(k, &values))
        } else {
            Filter::Large(Bits::new(k, &values))
        };
        let table = vec![NONE; (2 * values.len() + 1).next_power_of_two()];
        let mut set = Self {
            k,
            values,
            table,
            filter,
        };
        for &value in &set.values {
            let slot = set.slot(value);
            set.table[slot] = value;
        }
        set
    }

    /// Where a value is in the table, or would be.
    fn slot(&self, value: u64) -> usize {
        let mask = self.table.len() - 1;
        let mut slot = (value.wrapping_mul(MULTIPLIER) >> 32) as usize & mask;
        while self.table[slot] != value && self.table[slot] != NONE {
            slot = (slot + 1) & mask;
        }
        slot
    }

    /// Whether a canonical value is a splitter's.
    #[must_use]
    pub fn contains(&self, value: u64) -> bool {
        value != NONE && self.table[self.slot(value)] == value
    }

    /// The splitter that these bases end with. What is before it in the word does not matter.
    pub(crate) fn ending(&self, bases: u64) -> Option<Kmer> {
        let read = bases & u64::MAX >> (64 - 2 * self.k);
        let turned = reverse_complement(read, self.k);
        let kmer = Kmer {
            value: read.min(turned),
            direct: read <= turned,
        };
        self.contains(kmer.value).then_some(kmer)
    }

    /// What a k-mer must pass to be a splitter.
    pub(crate) fn filter(&self) -> &Filter {
        &self.filter
    }

    /// The splitters' canonical values, ascending.
    #[must_use]
    pub fn values(&self) -> &[u64] {
        &self.values
    }

    /// How many splitters there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether the reference has no splitter.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// Bytes on the heap.
    #[must_use]
    pub fn heap_bytes(&self) -> usize {
        let filter = match self.filter {
            Filter::Small(_) => SMALL,
            Filter::Large(_) => LARGE,
        };
        (self.values.capacity() + self.table.capacity() + filter) * size_of::<u64>()
    }
}

impl fmt::Debug for Splitters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Splitters")
            .field("k", &self.k)
            .field("len", &self.len())
            .finish_non_exhaustive()
    }
}
