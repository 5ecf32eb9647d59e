//! The k-mers that occur more than once: a short list, and where it would be long, a bit for each base.

use super::hash::Hash;
use crate::splitters::Reference;

/// The k-mers of a reference that occur more than once.
///
/// They come in ascending order of their hashes. The list has a limit; when it is reached, the places of all that are
/// in it are marked in the reference, and the list starts anew.
pub(super) struct Repeats<'a> {
    reference: &'a Reference,
    hash: Hash,
    limit: usize,
    /// Hashes, ascending.
    listed: Vec<u64>,
    /// A bit for each base kept, set where a repeated k-mer starts; empty before the limit is first reached.
    marked: Vec<u64>,
}

impl<'a> Repeats<'a> {
    /// Without repeats, to list at most `limit` of them.
    pub(super) fn new(reference: &'a Reference, hash: Hash, limit: usize) -> Self {
        Self {
            reference,
            hash,
            limit,
            listed: Vec::new(),
            marked: Vec::new(),
        }
    }

    /// Takes a hash larger than all before.
    pub(super) fn push(&mut self, hash: u64) {
        debug_assert!(self.listed.last() < Some(&hash), "hashes ascend");
        if self.listed.len() >= self.limit {
            self.mark();
        }
        if self.listed.capacity() == 0 {
            // What is never touched costs nothing.
            self.listed.reserve_exact(self.limit);
        }
        self.listed.push(hash);
    }

    /// Marks the places of all that is listed, and empties the list.
    fn mark(&mut self) {
        self.marked.resize(self.reference.bases().div_ceil(64), 0);
        let (Some(&low), Some(&high)) = (self.listed.first(), self.listed.last()) else {
            return;
        };
        let (listed, marked) = (&self.listed, &mut self.marked);
        self.reference.for_each(|first, value| {
            let hash = self.hash.of(value);
            if (low..=high).contains(&hash) && listed.binary_search(&hash).is_ok() {
                marked[first / 64] |= 1 << (first % 64);
            }
        });
        self.listed.clear();
    }

    /// Whether the k-mer that starts with the `first`th base kept occurs more than once.
    pub(super) fn contain(&self, first: usize) -> bool {
        let marked = self.marked.get(first / 64);
        marked.is_some_and(|word| word >> (first % 64) & 1 != 0)
            || self
                .listed
                .binary_search(&self.hash.of(self.reference.kmer(first)))
                .is_ok()
    }
}
