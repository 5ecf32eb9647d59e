//! The nearest vectors that a search has found so far.

use super::near::Near;

/// A sorted array of bounded length instead of the two heaps of the paper: what is found, and what of it is still to
/// be expanded.
#[derive(Debug, Default)]
pub(super) struct Pool {
    found: Vec<Near>,
    capacity: usize,
    /// All before this one are expanded.
    next: usize,
}

impl Pool {
    /// Bytes it holds.
    pub(super) fn bytes(&self) -> usize {
        self.found.capacity() * size_of::<Near>()
    }

    /// Empties it, for one entry.
    pub(super) fn start(&mut self, entry: Near) {
        self.found.clear();
        self.found.push(entry);
        self.capacity = 1;
        self.next = 0;
    }

    /// Begins again with what was found, none of it expanded, and room for `capacity` entries: with the nearest, where
    /// there are more.
    pub(super) fn again(&mut self, capacity: usize) {
        self.found.truncate(capacity);
        self.capacity = capacity;
        self.next = 0;
        for near in &mut self.found {
            *near = near.unmarked();
        }
    }

    /// Takes `near`, not in the pool yet, when it is among the nearest.
    #[inline]
    pub(super) fn offer(&mut self, near: Near) {
        if self.found.len() == self.capacity {
            if self.found.last().is_none_or(|last| near >= *last) {
                return;
            }
            self.found.pop();
        }
        let at = self.found.partition_point(|other| *other < near);
        self.found.insert(at, near);
        self.next = self.next.min(at);
    }

    /// The nearest vector that is not expanded, which it is from now on.
    #[inline]
    pub(super) fn expand(&mut self) -> Option<u32> {
        let near = self.found.get_mut(self.next)?;
        let id = near.id();
        *near = near.marked();
        while self
            .found
            .get(self.next)
            .is_some_and(|near| near.is_marked())
        {
            self.next += 1;
        }
        Some(id)
    }

    /// The vector that would be expanded next.
    #[inline]
    pub(super) fn peek(&self) -> Option<u32> {
        self.found.get(self.next).map(|near| near.id())
    }

    /// All that was found, the nearest first.
    pub(super) fn found(&self) -> impl ExactSizeIterator<Item = Near> {
        self.found.iter().map(|near| near.unmarked())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Offers come in bursts between expansions, as in a search.
        #[test]
        fn it_is_a_sorted_set_cut_to_its_capacity(
            bursts in proptest::collection::vec(proptest::collection::vec(0_u32..500, 0..8), 1..40),
            capacity in 1_usize..30,
        ) {
            let mut pool = Pool::default();
            pool.start(Near::new(250.0, 1_000));
            pool.again(capacity);
            let mut plain = BTreeSet::from([Near::new(250.0, 1_000)]);
            let (mut seen, mut expanded) = (BTreeSet::new(), BTreeSet::new());
            for burst in bursts {
                let next = plain.iter().find(|near| !expanded.contains(&near.id())).copied();
                prop_assert_eq!(pool.peek(), next.map(Near::id));
                prop_assert_eq!(pool.expand(), next.map(Near::id));
                expanded.extend(next.map(Near::id));
                for id in burst.into_iter().filter(|id| seen.insert(*id)) {
                    let near = Near::new((id / 3) as f32, id);
                    pool.offer(near);
                    plain.insert(near);
                    if plain.len() > capacity {
                        plain.pop_last();
                    }
                }
                prop_assert!(pool.found().eq(plain.iter().copied()));
            }
            let fewer = capacity.div_ceil(2);
            pool.again(fewer);
            prop_assert!(pool.found().eq(plain.iter().copied().take(fewer)));
            prop_assert_eq!(pool.peek(), plain.first().copied().map(Near::id));
        }
    }
}
