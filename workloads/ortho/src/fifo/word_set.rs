//! A set of word indices as one bit per word of the vocabulary.

const BITS: usize = u64::BITS as usize;

/// A set of word indices, one bit each.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct WordSet {
    blocks: Vec<u64>,
}

impl WordSet {
    /// The empty set over `words` words.
    pub(super) fn new(words: usize) -> Self {
        Self {
            blocks: vec![0; words.div_ceil(BITS)],
        }
    }

    /// The set of all of `words` words.
    pub(super) fn all(words: usize) -> Self {
        let mut set = Self {
            blocks: vec![u64::MAX; words.div_ceil(BITS)],
        };
        if let (Some(last), used @ 1..) = (set.blocks.last_mut(), words % BITS) {
            *last = (1 << used) - 1;
        }
        set
    }

    /// Makes room for `words` words; the members stay.
    pub(super) fn grow(&mut self, words: usize) {
        self.blocks.resize(words.div_ceil(BITS), 0);
    }

    /// Adds a word that there is room for.
    pub(super) fn insert(&mut self, word: usize) {
        self.blocks[word / BITS] |= 1 << (word % BITS);
    }

    /// Takes a word away; one that is no member does no harm.
    pub(super) fn remove(&mut self, word: usize) {
        if let Some(block) = self.blocks.get_mut(word / BITS) {
            *block &= !(1 << (word % BITS));
        }
    }

    /// Keeps only the words that are in `other` too.
    pub(super) fn intersect(&mut self, other: &Self) {
        self.blocks.truncate(other.blocks.len());
        for (block, &mask) in self.blocks.iter_mut().zip(&other.blocks) {
            *block &= mask;
        }
    }

    /// The members, ascending.
    pub(super) fn iter(&self) -> impl Iterator<Item = usize> {
        self.blocks.iter().enumerate().flat_map(|(index, &block)| {
            let mut rest = block;
            std::iter::from_fn(move || {
                let bit = (rest != 0).then(|| rest.trailing_zeros() as usize)?;
                rest &= rest - 1;
                Some(index * BITS + bit)
            })
        })
    }

    /// Bytes of the bits.
    pub(super) fn bytes(&self) -> u64 {
        size_of_val(self.blocks.as_slice()) as u64
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn agrees_with_an_ordered_set(
            left in proptest::collection::btree_set(0_usize..200, 0..60),
            right in proptest::collection::btree_set(0_usize..200, 0..60),
            gone in 0_usize..300,
        ) {
            let set = |members: &BTreeSet<usize>| {
                let mut set = WordSet::new(1);
                set.grow(200);
                members.iter().for_each(|&word| set.insert(word));
                set
            };
            let mut both = set(&left);
            both.intersect(&set(&right));
            both.remove(gone);
            let expected: Vec<_> =
                left.intersection(&right).copied().filter(|&word| word != gone).collect();
            prop_assert_eq!(both.iter().collect::<Vec<_>>(), expected);
        }

        #[test]
        fn all_words_are_in_the_full_set(words in 0_usize..200) {
            prop_assert!(WordSet::all(words).iter().eq(0..words));
        }
    }
}
