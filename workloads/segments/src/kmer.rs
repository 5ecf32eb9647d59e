//! Canonical k-mers, rolled along a sequence.
//!
//! A k-mer's value takes two bits a base, the first base highest; its canonical value is the smaller of its own and
//! its reverse complement's.

use crate::code::N;

/// Stands for "no splitter". No canonical value equals it: for k = 32 the k-mer of that value is all T, and its
/// canonical value is 0.
pub const NONE: u64 = u64::MAX;

/// A k-mer's canonical value, and whether the k-mer as read has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kmer {
    /// The canonical value.
    pub value: u64,
    /// The k-mer as read is the smaller one, or both are equal.
    pub direct: bool,
}

/// The value of the reverse complement of a k-mer, given by its value.
#[must_use]
pub fn reverse_complement(value: u64, k: u32) -> u64 {
    const PAIRS: u64 = 0x3333_3333_3333_3333;
    const NIBBLES: u64 = 0x0F0F_0F0F_0F0F_0F0F;
    let bases = !value;
    let bases = (bases >> 2 & PAIRS) | (bases & PAIRS) << 2;
    let bases = (bases >> 4 & NIBBLES) | (bases & NIBBLES) << 4;
    bases.swap_bytes() >> (64 - 2 * k)
}

/// The window of the last k bases, in both directions.
#[derive(Debug, Clone)]
pub struct Roller {
    k: u32,
    mask: u64,
    shift: u32,
    forward: u64,
    reverse: u64,
    filled: u32,
}

impl Roller {
    /// An empty window of `k` bases, 3 to 32.
    #[must_use]
    pub fn new(k: u32) -> Self {
        debug_assert!((3..=32).contains(&k), "k is {k}");
        Self {
            k,
            mask: u64::MAX >> (64 - 2 * k),
            shift: 2 * (k - 1),
            forward: 0,
            reverse: 0,
            filled: 0,
        }
    }

    /// Empties the window: the next k-mer needs k new bases.
    #[inline]
    pub fn clear(&mut self) {
        self.filled = 0;
    }

    /// Takes the next code; the k-mer that ends with it, unless the window is not full. An N empties the window.
    #[inline]
    pub fn push(&mut self, code: u8) -> Option<Kmer> {
        if code >= N {
            self.filled = 0;
            return None;
        }
        self.forward = (self.forward << 2 | u64::from(code)) & self.mask;
        self.reverse = self.reverse >> 2 | u64::from(3 - code) << self.shift;
        self.filled += 1;
        if self.filled < self.k {
            return None;
        }
        self.filled = self.k;
        Some(Kmer {
            value: self.forward.min(self.reverse),
            direct: self.forward <= self.reverse,
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Kmer, N, Roller};
    use crate::code::reverse_complement;

    fn value(codes: &[u8]) -> u64 {
        codes
            .iter()
            .fold(0, |value, code| value << 2 | u64::from(*code))
    }

    fn plain(codes: &[u8]) -> Option<Kmer> {
        if codes.contains(&N) {
            return None;
        }
        let mut turned = codes.to_vec();
        reverse_complement(&mut turned);
        let (own, other) = (value(codes), value(&turned));
        Some(Kmer {
            value: own.min(other),
            direct: own <= other,
        })
    }

    proptest! {
        #[test]
        fn rolling_gives_what_each_window_gives(
            k in 3_u32..=32,
            codes in proptest::collection::vec(prop_oneof![30 => 0_u8..4, 1 => Just(N)], 0..200),
        ) {
            let mut roller = Roller::new(k);
            for end in 1..=codes.len() {
                let expected = end.checked_sub(k as usize).and_then(|start| plain(&codes[start..end]));
                prop_assert_eq!(roller.push(codes[end - 1]), expected, "at {}", end);
            }
        }
    }

    proptest! {
        #[test]
        fn a_value_is_turned_like_its_bases(codes in proptest::collection::vec(0_u8..4, 3..=32)) {
            let mut turned = codes.clone();
            reverse_complement(&mut turned);
            let k = codes.len() as u32;
            prop_assert_eq!(super::reverse_complement(value(&codes), k), value(&turned));
        }
    }

    #[test]
    fn the_largest_value_is_free_for_none() {
        let mut roller = Roller::new(32);
        let last = (0..32).filter_map(|_| roller.push(3)).last();
        assert_eq!(
            last,
            Some(Kmer {
                value: 0,
                direct: false
            })
        );
    }
}
