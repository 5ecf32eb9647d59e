//! Phase 2: segments into groups.

use std::collections::HashMap;

use super::prepared::PreparedSegment;
use crate::segment::Key;

/// The members of every group, in input order; the groups in the order of their numbers.
#[derive(Debug)]
pub(super) struct Groups {
    pub(super) list: Vec<(Key, Vec<PreparedSegment>)>,
    /// Number of the first one: 0 if that is the raw group, else 1.
    pub(super) first: u32,
}

/// Groups the segments by way of a hash map.
pub(super) fn group(segments: Vec<PreparedSegment>) -> Groups {
    let mut map: HashMap<Key, Vec<PreparedSegment>> = HashMap::new();
    for segment in segments {
        map.entry(segment.key).or_default().push(segment);
    }
    let mut list: Vec<_> = map.into_iter().collect();
    // By first appearance, the raw group before all others.
    list.sort_unstable_by_key(|(key, members)| {
        let first = members.first().map(|segment| segment.ordinal);
        (*key != Key::RAW, first)
    });
    let raw = list.first().is_some_and(|(key, _)| *key == Key::RAW);
    Groups {
        list,
        first: u32::from(!raw),
    }
}

impl Groups {
    /// Bytes of the list.
    pub(super) fn list_bytes(&self) -> usize {
        self.list.capacity() * size_of::<(Key, Vec<PreparedSegment>)>()
    }
}
