//! A cache that finds its size.

use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Mutex, PoisonError};

pub use super::control::Bounds;
use super::control::{Control, Window};
use super::footprint::Footprint;
use super::ghosts::Ghosts;
use super::policy::{Offer, Policy};
use super::weighted::Weighted;

/// [`Weighted`], with a budget that moves between two bounds: up where values that went lately are asked for again, down where they
/// are not. It changes at most once in 100,000 lookups, and on a trace that stays as it is it comes to rest.
#[derive(Debug)]
pub struct Adaptive<V: Footprint + Clone> {
    values: Weighted<V>,
    ghosts: Arc<Ghosts>,
    lookups: AtomicU64,
    misses: AtomicU64,
    recalled: AtomicU64,
    resizes: AtomicU64,
    /// Values that went because the budget was lowered, not yet told to anybody.
    evicted: AtomicU64,
    control: Mutex<Control>,
}

/// Lookups from one decision to the next.
const WINDOW: u64 = 100_000;

impl<V: Footprint + Clone + Send + Sync> Adaptive<V> {
    /// A cache that begins at its floor, for values that hold about `expected` bytes each. What remembers the keys of values that
    /// went is within the bounds, an eighth of the floor at most; tables are made for the ceiling.
    #[must_use]
    pub fn new(bounds: Bounds, expected: usize) -> Self {
        // A quarter of the values of the largest size, which is what the next step up would keep; but the table has to fit into the
        // smallest.
        let values = bounds.ceiling / (expected as u64 + 64) / 4;
        let ghosts = Arc::new(Ghosts::new(values.min(bounds.floor / 128)));
        let adaptive = Self {
            values: Weighted::watched(bounds.ceiling, expected, Some(Arc::clone(&ghosts))),
            ghosts,
            lookups: AtomicU64::new(0),
            misses: AtomicU64::new(0),
            recalled: AtomicU64::new(0),
            resizes: AtomicU64::new(0),
            evicted: AtomicU64::new(0),
            control: Mutex::new(Control::new(bounds)),
        };
        adaptive.values.resize(adaptive.for_values(bounds.floor));
        adaptive
    }

    /// How often the budget has changed.
    #[must_use]
    pub fn resizes(&self) -> u64 {
        self.resizes.load(Relaxed)
    }

    fn for_values(&self, size: u64) -> u64 {
        size.saturating_sub(self.ghosts.bytes())
    }

    #[cold]
    fn end_of_window(&self) {
        let window = Window {
            lookups: WINDOW,
            misses: self.misses.swap(0, Relaxed),
            recalled: self.recalled.swap(0, Relaxed),
        };
        // Where another thread decides just now, this window is one that nobody looks at.
        let Ok(mut control) = self.control.try_lock() else {
            return;
        };
        if let Some(size) = control.decide(window) {
            self.resizes.fetch_add(1, Relaxed);
            let evicted = self.values.resize(self.for_values(size));
            self.evicted.fetch_add(evicted, Relaxed);
        }
    }
}

impl<V: Footprint + Clone + Send + Sync> Policy<V> for Adaptive<V> {
    fn get(&self, key: u32) -> Option<V> {
        let value = self.values.get(key);
        if value.is_none() {
            self.misses.fetch_add(1, Relaxed);
            if self.ghosts.recall(key) {
                self.recalled.fetch_add(1, Relaxed);
            }
        }
        if self.lookups.fetch_add(1, Relaxed) % WINDOW == WINDOW - 1 {
            self.end_of_window();
        }
        value
    }

    fn peek(&self, key: u32) -> Option<V> {
        self.values.peek(key)
    }

    fn offer(&self, key: u32, value: V) -> Offer {
        let mut offer = self.values.offer(key, value);
        if self.evicted.load(Relaxed) > 0 {
            offer.evicted += self.evicted.swap(0, Relaxed);
        }
        offer
    }

    fn remove(&self, key: u32) -> bool {
        self.values.remove(key)
    }

    fn clear(&self) {
        self.values.clear();
    }

    /// Within the bounds; from there it goes on.
    fn resize(&self, budget: u64) -> u64 {
        let mut control = self.control.lock().unwrap_or_else(PoisonError::into_inner);
        let size = control.set(budget);
        self.values.resize(self.for_values(size))
    }

    fn budget(&self) -> u64 {
        self.values.budget() + self.ghosts.bytes()
    }

    fn used(&self) -> u64 {
        self.values.used() + self.ghosts.bytes()
    }

    fn entries(&self) -> u64 {
        self.values.entries()
    }

    fn entry_cost(&self) -> u64 {
        self.values.entry_cost()
    }
}
