//! Which group follows which, so that the group column is nearly all zeros.

/// Predicts a segment's group: that which last followed the group of the record's previous segment. Followers are
/// noted within records and remembered over the whole archive.
#[derive(Debug, Default)]
pub(super) struct Followers {
    /// Per group, its last follower plus one; 0: it never had one.
    after: Vec<u32>,
    previous: Option<u32>,
}

impl Followers {
    /// The next segment is the first of a record.
    pub(super) fn start_record(&mut self) {
        self.previous = None;
    }

    /// The next segment's group: 0 at a record's start, one more than the previous group if that never had a follower.
    pub(super) fn predicted(&self) -> u32 {
        let Some(previous) = self.previous else {
            return 0;
        };
        match self.after.get(previous as usize) {
            None | Some(0) => previous + 1,
            Some(follower) => follower - 1,
        }
    }

    /// The next segment is of this group.
    pub(super) fn took(&mut self, group: u32) {
        if let Some(previous) = self.previous.replace(group) {
            let previous = previous as usize;
            if previous >= self.after.len() {
                self.after.resize(previous + 1, 0);
            }
            self.after[previous] = group + 1;
        }
    }

    /// Bytes on the heap.
    pub(super) fn heap_bytes(&self) -> usize {
        self.after.capacity() * size_of::<u32>()
    }
}
