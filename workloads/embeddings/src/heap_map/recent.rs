//! The cache in front of the map: so many entries, the one that was not asked for longest goes first.

use std::num::NonZeroUsize;

use lru::LruCache;
use plimsoll_workload::Bytes;

use super::file::ID;

/// What an entry is taken to need, whatever it does.
const ENTRY: u64 = 4096;

/// Copies of vectors that were asked for lately, and how often one was of use.
#[derive(Debug)]
pub(super) struct Recent {
    vectors: LruCache<[u8; ID], Vec<f32>>,
    hits: u64,
    misses: u64,
}

impl Recent {
    /// A cache that, it believes, takes so many bytes.
    pub(super) fn new(budget: Bytes) -> Self {
        let entries = usize::try_from(budget.0 / ENTRY).unwrap_or(usize::MAX);
        Self {
            vectors: LruCache::new(NonZeroUsize::new(entries).unwrap_or(NonZeroUsize::MIN)),
            hits: 0,
            misses: 0,
        }
    }

    /// A copy of the vector of an id.
    pub(super) fn get(&mut self, id: &[u8; ID]) -> Option<Vec<f32>> {
        let found = self.vectors.get(id).cloned();
        *if found.is_some() {
            &mut self.hits
        } else {
            &mut self.misses
        } += 1;
        found
    }

    pub(super) fn put(&mut self, id: [u8; ID], vector: Vec<f32>) {
        self.vectors.put(id, vector);
    }

    /// Reads that it has answered, and all others.
    pub(super) fn hits(&self) -> (u64, u64) {
        (self.hits, self.misses)
    }

    /// Bytes on the heap: vectors, entries, and pointers to them in a table.
    pub(super) fn bytes(&self, dim: usize) -> u64 {
        let entry = 4 * dim + size_of::<([u8; ID], Vec<f32>)>() + 2 * size_of::<usize>();
        (self.vectors.len() * entry + 17 * self.vectors.cap().get()) as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_goes_first_and_hits_are_counted() {
        let mut recent = Recent::new(Bytes(2 * ENTRY));
        for id in [1, 2] {
            recent.put([id; ID], vec![f32::from(id)]);
        }
        assert_eq!(recent.get(&[1; ID]), Some(vec![1.0]));
        recent.put([3; ID], vec![3.0]);
        assert_eq!(recent.get(&[2; ID]), None);
        assert_eq!(recent.get(&[3; ID]), Some(vec![3.0]));
        assert_eq!(recent.hits(), (2, 1));
    }
}
