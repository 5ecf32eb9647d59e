//! A set of numbers below a bound, from which the lowest is taken.

/// A set of numbers below a bound, one bit each, and one bit for each 64 of them that tells whether any is there.
#[derive(Debug, Clone, Default)]
pub(super) struct Bits {
    words: Vec<u64>,
    filled: Vec<u64>,
    len: usize,
}

impl Bits {
    /// All numbers below `bound`.
    pub(super) fn all_below(bound: usize) -> Self {
        let mut bits = Self::default();
        bits.words = ones(bound);
        bits.filled = ones(bits.words.len());
        bits.len = bound;
        bits
    }

    /// How many numbers are in it.
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// Adds a number, which may be above all bounds so far.
    pub(super) fn insert(&mut self, number: usize) {
        let word = number / 64;
        if word >= self.words.len() {
            self.words.resize(word + 1, 0);
            self.filled.resize(word / 64 + 1, 0);
        }
        let bit = 1 << (number % 64);
        debug_assert!(self.words[word] & bit == 0);
        self.words[word] |= bit;
        self.filled[word / 64] |= 1 << (word % 64);
        self.len += 1;
    }

    /// Takes a number out, if it is there.
    pub(super) fn remove(&mut self, number: usize) {
        let word = number / 64;
        let bit = 1 << (number % 64);
        if self.words.get(word).is_some_and(|bits| bits & bit != 0) {
            self.words[word] &= !bit;
            if self.words[word] == 0 {
                self.filled[word / 64] &= !(1 << (word % 64));
            }
            self.len -= 1;
        }
    }

    /// The lowest number.
    pub(super) fn first(&self) -> Option<usize> {
        let (place, filled) = self
            .filled
            .iter()
            .enumerate()
            .find(|(_, bits)| **bits != 0)?;
        let word = 64 * place + filled.trailing_zeros() as usize;
        Some(64 * word + self.words[word].trailing_zeros() as usize)
    }

    /// Takes out the lowest number.
    pub(super) fn take_first(&mut self) -> Option<usize> {
        let number = self.first()?;
        self.remove(number);
        Some(number)
    }

    /// Bytes that it has room for.
    pub(super) fn bytes(&self) -> usize {
        8 * (self.words.capacity() + self.filled.capacity())
    }
}

/// Words with the lowest `count` bits set.
fn ones(count: usize) -> Vec<u64> {
    let mut words = vec![u64::MAX; count.div_ceil(64)];
    if let (Some(last), rest @ 1..) = (words.last_mut(), count % 64) {
        *last = (1 << rest) - 1;
    }
    words
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn it_is_a_set_whose_lowest_is_taken(bound in 0_usize..9000, steps in prop::collection::vec((0_usize..9000, 0..3), 0..400)) {
            let mut bits = Bits::all_below(bound);
            let mut set: BTreeSet<usize> = (0..bound).collect();
            for (number, what) in steps {
                match what {
                    0 if set.insert(number) => bits.insert(number),
                    1 => {
                        set.remove(&number);
                        bits.remove(number);
                    }
                    _ => prop_assert_eq!(bits.take_first(), set.pop_first()),
                }
                prop_assert_eq!((bits.first(), bits.len()), (set.first().copied(), set.len()));
            }
        }
    }
}
