//! Keys of values that went lately.

use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;

/// The keys of the last values that went. It tells most of those it should and no others: keys that fall on the same place
/// displace one another.
#[derive(Debug)]
pub(super) struct Ghosts {
    /// When the key went, counted in values that went, and the key; 0 where there is none.
    places: Box<[AtomicU64]>,
    went: AtomicU64,
    last: u64,
}

impl Ghosts {
    /// For the last so many.
    pub(super) fn new(last: u64) -> Self {
        let places = (last as usize).next_power_of_two();
        Self {
            places: std::iter::repeat_with(AtomicU64::default)
                .take(places)
                .collect(),
            went: AtomicU64::new(0),
            last,
        }
    }

    fn place(&self, key: u32) -> &AtomicU64 {
        // A product with the golden ratio (Knuth): neighbouring keys lie apart.
        let mixed = u64::from(key).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32;
        &self.places[mixed as usize % self.places.len()]
    }

    /// A value went.
    pub(super) fn remember(&self, key: u32) {
        // 2^32 values later a key may count as one of the last although it is not; that is once in all of them.
        let now = self.went.fetch_add(1, Relaxed) + 1;
        self.place(key).store(now << 32 | u64::from(key), Relaxed);
    }

    /// Whether the key's value is one of the last that went; it is not from then on.
    pub(super) fn recall(&self, key: u32) -> bool {
        let place = self.place(key);
        let found = place.load(Relaxed);
        let now = self.went.load(Relaxed);
        let age = (now as u32).wrapping_sub((found >> 32) as u32);
        found != 0
            && found as u32 == key
            && u64::from(age) < self.last
            && place.compare_exchange(found, 0, Relaxed, Relaxed).is_ok()
    }

    /// Bytes that it takes.
    pub(super) fn bytes(&self) -> u64 {
        size_of_val(&*self.places) as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_keys_are_recalled_once_and_older_ones_are_not() {
        let ghosts = Ghosts::new(128);
        for key in 0..1000 {
            ghosts.remember(key);
        }
        let recalled: Vec<u32> = (0..1000).filter(|key| ghosts.recall(*key)).collect();
        assert!(recalled.iter().all(|key| *key >= 872), "{recalled:?}");
        assert!(recalled.len() > 70, "{recalled:?}");
        assert!((0..1000).all(|key| !ghosts.recall(key)));
    }
}
