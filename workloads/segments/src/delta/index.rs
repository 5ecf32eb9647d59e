//! Where each w-mer of a reference occurs, for as long as one text is encoded.
//!
//! The reference is packed to two bits a base first: the w-mers that are looked up begin at every fourth base, so each
//! is one unaligned load. Places with equal hashes are chained in ascending order; a lookup compares w-mers, so
//! that only true occurrences count. Most lookups find nothing: the head of a chain has in its upper bits a small
//! Bloom filter of the w-mers in it, and a window that moves by one base is rolled.

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
    /// A hash to its first place, counted in fours of bases, plus 1; 0 is none. Above it the filter.
    heads: Vec<u32>,
    /// A place to the next one with its hash; as above, but the filter there means nothing.
    next: Vec<u32>,
    /// The bits of a head that are its link; all others are the filter.
    link: u32,
    /// Bits of a product that are not of the hash.
    shift: u32,
    window: Window,
}

/// The w-mer of the text that was looked up last.
#[derive(Debug, Default)]
struct Window {
    /// The place behind where it begins.
    next: usize,
    value: Option<u64>,
}

/// The lowest bit of the filter: eight bits, of which each w-mer sets about four.
const FILTER: u32 = 24;

impl Index {
    pub(super) fn new(width: usize) -> Self {
        Self {
            width,
            mask: u64::MAX >> (64 - 2 * width),
            packed: Vec::new(),
            heads: Vec::new(),
            next: Vec::new(),
            link: 0,
            shift: 0,
            window: Window::default(),
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
        // The links of a very long reference take bits of the filter, which then passes more.
        self.link = u32::MAX >> (places as u32).leading_zeros().min(32 - FILTER);
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
        let places = windows.array_windows::<LOAD>().zip(links);
        let heads = self.heads.as_mut_slice();
        let (mask, link_bits, shift) = (self.mask, self.link, self.shift);
        for (offset, (bytes, link)) in places.enumerate().rev() {
            let product = Product::of(u64::from_le_bytes(*bytes) & mask);
            let head = &mut heads[product.slot(shift)];
            *link = *head;
            *head = ((*head | product.filter()) & !link_bits) | ((first + offset) as u32 + 1);
        }
    }

    /// Begins another text.
    pub(super) fn begin_text(&mut self) {
        self.window = Window::default();
    }

    /// The places of the w-mer that is at `at` in the text.
    #[inline]
    pub(super) fn candidates(&mut self, text: &[u8], at: usize) -> impl Iterator<Item = usize> {
        let value = self.window.at(at, text, self.width);
        let mut link = value.map_or(0, |value| {
            let product = Product::of(value);
            let head = self.heads[product.slot(self.shift)];
            let passes = product.filter() & !self.link & !head == 0;
            if passes { head & self.link } else { 0 }
        });
        std::iter::from_fn(move || {
            while link != 0 {
                let place = link as usize - 1;
                link = self.next[place] & self.link;
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

impl Window {
    /// Moves to `at`: the w-mer there, unless the text ends in it or it holds an N.
    #[inline]
    fn at(&mut self, at: usize, text: &[u8], width: usize) -> Option<u64> {
        let rolled = match (self.value, text.get(at + width - 1)) {
            (Some(value), Some(&last)) if at == self.next && last < N => {
                Some(value >> 2 | u64::from(last) << (2 * (width - 1)))
            }
            (_, None) => None,
            _ => two_bit::value(&text[at..], width),
        };
        (self.next, self.value) = (at + 1, rolled);
        rolled
    }
}

#[inline]
fn load(bytes: &[u8]) -> u64 {
    bytes
        .first_chunk::<LOAD>()
        .map_or(0, |bytes| u64::from_le_bytes(*bytes))
}

/// A w-mer's product with an odd constant, the golden ratio's: its upper bits depend on every base.
#[derive(Clone, Copy)]
struct Product(u64);

impl Product {
    #[inline]
    fn of(value: u64) -> Self {
        Self(value.wrapping_mul(0x9E37_79B9_7F4A_7C15))
    }

    #[inline]
    fn slot(self, shift: u32) -> usize {
        (self.0 >> shift) as usize
    }

    /// What the filter keeps of it: bits below those of all but the largest tables' slots.
    #[inline]
    fn filter(self) -> u32 {
        (self.0 >> 8) as u32
    }
}
