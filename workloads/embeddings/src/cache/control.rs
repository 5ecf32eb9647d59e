//! When a cache should be larger or smaller.

/// Between which sizes a cache may move.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// Bytes at least.
    pub floor: u64,
    /// Bytes at most.
    pub ceiling: u64,
}

/// What was seen in one window of lookups.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Window {
    pub(super) lookups: u64,
    pub(super) misses: u64,
    /// Misses of values that went lately.
    pub(super) recalled: u64,
}

/// Decides on the size from windows of lookups.
///
/// Values that went lately are those that a larger cache would still have. Where many of them are asked for again the cache grows by a
/// quarter, where next to none are it shrinks by a fifth. Between the two it stays. A size that turned out too small is not tried
/// again until misses are many more or fewer than they were then, so that one trace leads to one size.
#[derive(Debug)]
pub(super) struct Control {
    bounds: Bounds,
    size: u64,
    shrunk_last: bool,
    /// A size that was too small, and the share of misses then.
    too_small: Option<(u64, f64)>,
}

/// The share of lookups that a quarter more must save to be worth it.
const GROW: f64 = 0.01;
/// The share of lookups that a quarter more saves where it does no harm to have less.
const SHRINK: f64 = 0.001;
/// A change in the share of misses that says that the trace is another.
const ANOTHER_TRACE: f64 = 0.05;

impl Control {
    pub(super) fn new(bounds: Bounds) -> Self {
        let Bounds { floor, ceiling } = bounds;
        Self {
            bounds: Bounds {
                floor,
                ceiling: ceiling.max(floor),
            },
            size: floor,
            shrunk_last: false,
            too_small: None,
        }
    }

    /// Sets the size to what is next to it within the bounds.
    pub(super) fn set(&mut self, size: u64) -> u64 {
        self.size = size.clamp(self.bounds.floor, self.bounds.ceiling);
        self.size
    }

    /// The size from now on, where it is another.
    pub(super) fn decide(&mut self, window: Window) -> Option<u64> {
        let share = |count: u64| count as f64 / window.lookups.max(1) as f64;
        let misses = share(window.misses);
        if self
            .too_small
            .is_some_and(|(_, then)| (misses - then).abs() > ANOTHER_TRACE)
        {
            self.too_small = None;
        }
        let saved = share(window.recalled);
        let size = if saved >= GROW {
            if self.shrunk_last {
                self.too_small = Some((self.size, misses));
            }
            self.size.saturating_add(self.size / 4).max(self.size + 1)
        } else if saved <= SHRINK {
            self.size - self.size / 5
        } else {
            return None;
        };
        let size = size.clamp(self.bounds.floor, self.bounds.ceiling);
        let known = self.too_small.is_some_and(|(small, _)| size <= small);
        if size == self.size || (size < self.size && known) {
            return None;
        }
        self.shrunk_last = size < self.size;
        self.size = size;
        Some(size)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(misses: u64, recalled: u64) -> Window {
        Window {
            lookups: 10_000,
            misses,
            recalled,
        }
    }

    fn control() -> Control {
        Control::new(Bounds {
            floor: 1000,
            ceiling: 10_000,
        })
    }

    #[test]
    fn it_grows_while_that_pays_and_stays_within_its_bounds() {
        let mut control = control();
        let sizes: Vec<u64> = (0..20)
            .filter_map(|_| control.decide(window(5000, 500)))
            .collect();
        assert_eq!((sizes.first(), sizes.last()), (Some(&1250), Some(&10_000)));
        assert_eq!(control.decide(window(5000, 500)), None);
        let sizes: Vec<u64> = (0..20)
            .filter_map(|_| control.decide(window(10, 0)))
            .collect();
        assert_eq!((sizes.first(), sizes.last()), (Some(&8000), Some(&1000)));
    }

    #[test]
    fn a_size_that_was_too_small_is_not_tried_again_on_the_same_trace() {
        let mut control = control();
        for _ in 0..5 {
            control.decide(window(2000, 500));
        }
        // Far too much saved below some size, and nothing above: without memory that would go to and fro for ever.
        let mut changes = 0;
        let mut size = control.size;
        for _ in 0..100 {
            let recalled = if size < 2800 { 200 } else { 0 };
            if let Some(changed) = control.decide(window(2000, recalled)) {
                size = changed;
                changes += 1;
            }
        }
        assert!(changes <= 4, "{changes}");
        // Another trace: it may.
        assert!(control.decide(window(100, 0)).is_some());
    }
}
