//! The k-mers that occur more than once: a short list, and where it would be long, a bit for each base.

use std::ops::RangeInclusive;

use super::hash::Hash;
use crate::splitters::Reference;

/// The k-mers of a reference that occur more than once.
pub(super) struct Repeats<'a> {
    reference: &'a Reference,
    hash: Hash,
    /// Most that are listed.
    limit: usize,
    /// Hashes, ascending.
    listed: Vec<u64>,
    /// A bit for each base kept, set where a k-mer starts that is repeated but not listed; empty if all are listed.
    marked: Vec<u64>,
}

impl<'a> Repeats<'a> {
    /// Without repeats, to list at most `limit` of them.
    pub(super) fn new(reference: &'a Reference, hash: Hash, limit: usize) -> Self {
        Self {
            reference,
            hash,
            limit,
            // What is never touched costs nothing.
            listed: Vec::with_capacity(limit),
            marked: Vec::new(),
        }
    }

    /// Takes all repeats in a range of hashes above all before: `count` of them, ascending. If they are too many for
    /// the list, the places of those that `contains` finds are marked in the reference.
    pub(super) fn add(
        &mut self,
        range: &RangeInclusive<u64>,
        count: usize,
        hashes: impl Iterator<Item = u64>,
        contains: impl Fn(u64) -> bool,
    ) {
        if self.listed.len() + count <= self.limit {
            self.listed.extend(hashes);
            return;
        }
        self.marked.resize(self.reference.bases().div_ceil(64), 0);
        let (hash, marked) = (self.hash, &mut self.marked);
        let in_range = |first, value| {
            let hash = hash.of(value);
            ((hash, first), range.contains(&hash))
        };
        self.reference.gather(in_range, |kmers| {
            for &(hash, first) in kmers {
                marked[first / 64] |= u64::from(contains(hash)) << (first % 64);
            }
        });
    }

    /// Whether the k-mer that starts with the `first`th base kept occurs more than once.
    pub(super) fn contain(&self, first: usize) -> bool {
        let word = self.marked.get(first / 64);
        if word.is_some_and(|word| word >> (first % 64) & 1 != 0) {
            return true;
        }
        let hash = self.hash.of(self.reference.kmer(first));
        self.listed.binary_search(&hash).is_ok()
    }
}
