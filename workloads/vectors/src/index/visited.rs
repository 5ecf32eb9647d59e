//! The set of ids that a search has seen.

use super::IndexError;
use super::columns::{reserve, with_room};

/// A bit for every id. Emptying it costs what was put in, not what could have been.
#[derive(Debug)]
pub(super) struct Visited {
    words: Vec<u64>,
    seen: Vec<u32>,
    /// Where in `seen` the last addition begins.
    last: usize,
}

impl Visited {
    /// An empty set of ids below `len`.
    pub(super) fn new(len: usize) -> Result<Self, IndexError> {
        let count = len.div_ceil(64);
        let mut words = with_room("a set of vectors", count)?;
        words.resize(count, 0);
        Ok(Self {
            words,
            seen: Vec::new(),
            last: 0,
        })
    }

    /// Bytes it holds.
    pub(super) fn bytes(&self) -> usize {
        self.words.capacity() * size_of::<u64>() + self.seen.capacity() * size_of::<u32>()
    }

    /// Makes room to add `count` more ids.
    pub(super) fn reserve(&mut self, count: usize) -> Result<(), IndexError> {
        reserve("a set of vectors", &mut self.seen, count)
    }

    /// Adds `ids`.
    #[inline]
    pub(super) fn add(&mut self, ids: &[u32]) {
        self.last = self.seen.len();
        self.seen.extend_from_slice(ids);
        let added = &mut self.seen[self.last..];
        // No branch on what was seen: it is as good as random.
        let mut count = 0;
        for at in 0..added.len() {
            let id = added[at];
            let word = &mut self.words[id as usize / 64];
            let bit = 1 << (id % 64);
            added[count] = id;
            count += usize::from(*word & bit == 0);
            *word |= bit;
        }
        self.seen.truncate(self.last + count);
    }

    /// What of the last ids that were added was not in the set before, in order.
    #[inline]
    pub(super) fn added(&self) -> &[u32] {
        &self.seen[self.last..]
    }

    /// The first four of `ids` that are not in the set, or any others of them in place of those that are missing; none
    /// of no ids.
    #[inline]
    pub(super) fn unseen4(&self, ids: &[u32]) -> Option<[u32; 4]> {
        let mut found = [*ids.first()?; 4];
        let mut count = 0;
        for id in ids {
            found[count] = *id;
            count += usize::from(!self.contains(*id));
            if count == found.len() {
                break;
            }
        }
        Some(found)
    }

    /// Whether `id` is in the set.
    #[inline]
    pub(super) fn contains(&self, id: u32) -> bool {
        self.words[id as usize / 64] & 1 << (id % 64) != 0
    }

    /// Empties it.
    pub(super) fn clear(&mut self) {
        for id in self.seen.drain(..) {
            self.words[id as usize / 64] = 0;
        }
        self.last = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::Visited;

    #[test]
    fn an_id_is_new_once_until_the_set_is_emptied() {
        let mut visited = Visited::new(130).unwrap();
        for _ in 0..2 {
            visited.add(&[63, 0, 63]);
            assert_eq!(visited.added(), [63, 0]);
            assert!(visited.contains(0) && !visited.contains(64));
            visited.add(&[]);
            assert!(visited.added().is_empty());
            visited.add(&[0, 129, 64, 63, 128]);
            assert_eq!(visited.added(), [129, 64, 128]);
            visited.clear();
            assert!(visited.added().is_empty());
        }
        assert!((0..130).all(|id| !visited.contains(id)));
    }

    #[test]
    fn the_first_four_unseen_are_found() {
        let mut visited = Visited::new(64).unwrap();
        visited.add(&[1, 3, 5]);
        assert_eq!(visited.unseen4(&[]), None);
        assert_eq!(
            visited.unseen4(&[1, 2, 3, 4, 5, 6, 7, 8]),
            Some([2, 4, 6, 7])
        );
        assert_eq!(visited.unseen4(&[2, 3]), Some([2, 3, 2, 2]));
    }
}
