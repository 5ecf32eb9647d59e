//! Group numbers, by first appearance.

use std::collections::hash_map::Entry;

use rustc_hash::FxHashMap;

use crate::segment::Key;

/// The number of every group met so far. The raw group is 0; the others are 1, 2, and so on, as they first come.
#[derive(Debug, Default)]
pub struct GroupNumbers {
    numbers: FxHashMap<Key, u32>,
}

impl GroupNumbers {
    /// The number of a segment's group, and whether the segment is the group's first. The raw group is never new.
    pub fn number(&mut self, key: Key) -> (u32, bool) {
        if key == Key::RAW {
            return (0, false);
        }
        let next = self.numbers.len() as u32 + 1;
        match self.numbers.entry(key) {
            Entry::Occupied(known) => (*known.get(), false),
            Entry::Vacant(new) => (*new.insert(next), true),
        }
    }

    /// How many groups there are, the raw group not counted.
    #[must_use]
    pub fn len(&self) -> usize {
        self.numbers.len()
    }

    /// Whether there is none but the raw group.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.numbers.is_empty()
    }

    /// Bytes on the heap.
    #[must_use]
    pub fn heap_bytes(&self) -> usize {
        // An entry, and the byte of control that the table keeps beside it.
        self.numbers.capacity() * (size_of::<(Key, u32)>() + 1)
    }
}
