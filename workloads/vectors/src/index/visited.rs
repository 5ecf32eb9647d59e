//! The set of ids that a search has seen.

/// A bit for every id. Emptying it costs what was put in, not what could have been.
#[derive(Debug)]
pub(super) struct Visited {
    words: Vec<u64>,
    seen: Vec<u32>,
}

impl Visited {
    /// An empty set of ids below `len`.
    pub(super) fn new(len: usize) -> Self {
        Self {
            words: vec![0; len.div_ceil(64)],
            seen: Vec::new(),
        }
    }

    /// Adds `ids`; those that were not in the set, in order.
    #[inline]
    pub(super) fn add(&mut self, ids: &[u32]) -> &[u32] {
        let start = self.seen.len();
        self.seen.extend_from_slice(ids);
        let added = &mut self.seen[start..];
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
        self.seen.truncate(start + count);
        &self.seen[start..]
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
    }
}

#[cfg(test)]
mod tests {
    use super::Visited;

    #[test]
    fn an_id_is_new_once_until_the_set_is_emptied() {
        let mut visited = Visited::new(130);
        for _ in 0..2 {
            assert_eq!(visited.add(&[63, 0, 63]), [63, 0]);
            assert!(visited.contains(0) && !visited.contains(64));
            assert_eq!(visited.add(&[]), []);
            assert_eq!(visited.add(&[0, 129, 64, 63, 128]), [129, 64, 128]);
            visited.clear();
        }
        assert!((0..130).all(|id| !visited.contains(id)));
    }
}
