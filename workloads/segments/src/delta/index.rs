//! Where each w-mer of a reference occurs, for as long as one text is encoded.
//!
//! The reference is packed to two bits a base first: the w-mers that are looked up begin at every fourth base, so each
//! is one unaligned load. Places with equal hashes are chained in ascending order; a lookup compares w-mers, so
//! that only true occurrences count.

use super::rule::{MOST_CANDIDATES, STRIDE};
use crate::code::N;
use crate::two_bit;

/// Bytes of a w-mer as it is loaded; a w-mer has at most 29 bases, 58 bits.
const LOAD: usize = 8;

/// Entries that are kept allocated however small the next reference is.
const KEPT: usize = 1 << 16;

/// Scratch memory, and in it the index of the last reference.
#[derive(Debug)]
pub(super) struct Index {
    width: usize,
    /// The bits of a w-mer.
    mask: u64,
    /// The reference, then room to load the last w-mers.
    packed: Vec<u8>,
    /// A hash to its first place, counted in fours of bases, plus 1; 0 is none.
    heads: Vec<u32>,
    /// A place to the next one with its hash; as above.
    next: Vec<u32>,
    /// Bits of a product that are not of the hash.
    shift: u32,
}

impl Index {
    pub(super) fn new(width: usize) -> Self {
        Self {
            width,
            mask: u64::MAX >> (64 - 2 * width),
            packed: Vec::new(),
            heads: Vec::new(),
            next: Vec::new(),
            shift: 0,
        }
    }

    pub(super) fn heap_bytes(&self) -> usize {
        self.packed.capacity() + size_of::<u32>() * (self.heads.capacity() + self.next.capacity())
    }

    /// Takes another reference; shorter than 2^34 bases.
    pub(super) fn build(&mut self, reference: &[u8]) {
        let places = reference.len() / STRIDE;
        let heads = places.next_power_of_two().max(2);
        self.shift = 64 - heads.ilog2();
        if self.heads.capacity() > KEPT.max(4 * heads) {
            (self.packed, self.heads, self.next) = Default::default();
        }
        self.packed.clear();
        self.packed.reserve_exact(places + 1 + LOAD);
        two_bit::pack(reference, &mut self.packed);
        self.packed.extend_from_slice(&[0; LOAD]);
        self.heads.clear();
        self.heads.resize(heads, 0);
        // A place's link is written before anything leads to it.
        if self.next.len() < places {
            self.next.resize(places, 0);
        }
        let mut end = reference.len();
        loop {
            let start = memchr::memrchr(N, &reference[..end]).map_or(0, |last| last + 1);
            self.insert(start, end);
            let Some(before) = reference[..start].iter().rposition(|code| *code != N) else {
                break;
            };
            end = before + 1;
        }
    }

    /// Puts the w-mers of `start..end`, which holds no N, in front of those behind it.
    fn insert(&mut self, start: usize, end: usize) {
        let first = start.div_ceil(STRIDE);
        let Some(last) = end.checked_sub(self.width).map(|last| last / STRIDE) else {
            return;
        };
        let windows = self.packed.get(first..last + LOAD);
        let (Some(windows), Some(links)) = (windows, self.next.get_mut(first..=last)) else {
            return;
        };
        let places = windows.windows(LOAD).zip(links);
        for (offset, (bytes, link)) in places.enumerate().rev() {
            let head = &mut self.heads[hash(load(bytes) & self.mask, self.shift)];
            *link = *head;
            *head = (first + offset) as u32 + 1;
        }
    }

    /// The places of the w-mer that `text` begins with.
    #[inline]
    pub(super) fn candidates(&self, text: &[u8]) -> impl Iterator<Item = usize> {
        let value = two_bit::value(text, self.width);
        let mut link = value.map_or(0, |value| self.heads[hash(value, self.shift)]);
        std::iter::from_fn(move || {
            while link != 0 {
                let place = link as usize - 1;
                link = self.next[place];
                let there = load(&self.packed[place..place + LOAD]) & self.mask;
                if Some(there) == value {
                    return Some(place * STRIDE);
                }
            }
            None
        })
        .take(MOST_CANDIDATES)
    }
}

#[inline]
fn load(bytes: &[u8]) -> u64 {
    bytes
        .first_chunk::<LOAD>()
        .map_or(0, |bytes| u64::from_le_bytes(*bytes))
}

/// The upper bits of a product with an odd constant, the golden ratio's.
#[inline]
fn hash(value: u64, shift: u32) -> usize {
    (value.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> shift) as usize
}
