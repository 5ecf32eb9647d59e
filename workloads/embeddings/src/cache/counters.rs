//! Counts that many threads add to.

use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;

use super::policy::Offer;

/// Keys count at this many places, so that threads seldom want the same one.
const PLACES: usize = 16;

/// What lookups and offers came to.
#[derive(Debug, Default)]
pub(super) struct Counters {
    places: [Place; PLACES],
}

#[derive(Debug, Default)]
#[repr(align(64))]
struct Place {
    hits: AtomicU64,
    misses: AtomicU64,
    admissions: AtomicU64,
    rejections: AtomicU64,
    evictions: AtomicU64,
}

impl Counters {
    fn place(&self, key: u32) -> &Place {
        &self.places[key as usize % PLACES]
    }

    pub(super) fn lookup(&self, key: u32, hit: bool) {
        let place = self.place(key);
        let count = if hit { &place.hits } else { &place.misses };
        count.fetch_add(1, Relaxed);
    }

    pub(super) fn offer(&self, key: u32, offer: Offer) {
        let place = self.place(key);
        let count = if offer.admitted {
            &place.admissions
        } else {
            &place.rejections
        };
        count.fetch_add(1, Relaxed);
        if offer.evicted > 0 {
            place.evictions.fetch_add(offer.evicted, Relaxed);
        }
    }

    pub(super) fn evicted(&self, count: u64) {
        self.place(0).evictions.fetch_add(count, Relaxed);
    }

    /// Hits, misses, admissions, rejections and evictions.
    pub(super) fn all(&self) -> [u64; 5] {
        let mut all = [0; 5];
        for place in &self.places {
            let counts = [
                &place.hits,
                &place.misses,
                &place.admissions,
                &place.rejections,
                &place.evictions,
            ];
            for (all, count) in all.iter_mut().zip(counts) {
                *all += count.load(Relaxed);
            }
        }
        all
    }
}
