//! The set of ids that a search has seen.

/// A bit for every id. Emptying it costs what was put in, not what could have been.
#[derive(Debug)]
pub(super) struct Visited {
    words: Vec<u64>,
    touched: Vec<u32>,
}

impl Visited {
    /// An empty set of ids below `len`.
    pub(super) fn new(len: usize) -> Self {
        Self {
            words: vec![0; len.div_ceil(64)],
            touched: Vec::new(),
        }
    }

    /// Whether `id` was not in the set, in which it is now.
    #[inline]
    pub(super) fn insert(&mut self, id: u32) -> bool {
        let word = &mut self.words[id as usize / 64];
        let bit = 1 << (id % 64);
        if *word & bit != 0 {
            return false;
        }
        if *word == 0 {
            self.touched.push(id / 64);
        }
        *word |= bit;
        true
    }

    /// Whether `id` is in the set.
    pub(super) fn contains(&self, id: u32) -> bool {
        self.words[id as usize / 64] & 1 << (id % 64) != 0
    }

    pub(super) fn clear(&mut self) {
        for word in self.touched.drain(..) {
            self.words[word as usize] = 0;
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
            for id in [0, 63, 64, 129] {
                assert!(!visited.contains(id));
                assert!(visited.insert(id) && !visited.insert(id));
            }
            visited.clear();
        }
    }
}
