//! Counting: what one thread has not handed in yet, and how it is handed in.

use std::cell::Cell;
use std::sync::atomic::Ordering::Relaxed;

use crate::gauges::{HeapCells, SideCells};

/// Bytes of balance, either way, at which a thread hands in what it has counted.
pub(crate) const LAG: u64 = 16 * 1024;
/// Calls after which a thread hands in what it has counted; its first so many are handed in one by one.
pub(crate) const CALLS: u32 = 1024;

/// Whose allocation it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Rust,
    /// Where there is a malloc layer.
    #[cfg(any(
        test,
        all(
            target_os = "linux",
            target_env = "gnu",
            not(target_feature = "crt-static")
        )
    ))]
    C,
}

/// What a thread has counted and not handed in. Zeros are an empty one.
#[derive(Default)]
#[repr(C)]
pub(crate) struct Batch {
    rust: Pending,
    c: Pending,
    /// Allocations and frees of both sides.
    operations: Cell<u32>,
    /// Those that were handed in one by one.
    first: Cell<u32>,
}

#[derive(Default)]
#[repr(C)]
struct Pending {
    live: Cell<i64>,
    total: Cell<u64>,
    calls: Cell<u64>,
}

impl Batch {
    #[cfg(any(test, not(all(target_os = "linux", target_env = "gnu"))))]
    pub(crate) const fn new() -> Self {
        Self {
            rust: Pending::new(),
            c: Pending::new(),
            operations: Cell::new(0),
            first: Cell::new(0),
        }
    }

    /// Counts an allocation (`old` 0), a free (`new` 0 and no call) or a reallocation; whether it is time to hand in.
    #[inline]
    pub(crate) fn count(&self, side: Side, change: Change) -> bool {
        let pending = self.side(side);
        let live = pending.live.get() + change.balance();
        pending.live.set(live);
        if let Change::Allocated(new) | Change::Reallocated { new, .. } = change {
            pending.total.set(pending.total.get() + new);
            pending.calls.set(pending.calls.get() + 1);
        }
        // A program that does little is counted to the last call, whatever ends it.
        let first = self.first.get();
        if first < CALLS {
            self.first.set(first + 1);
            return true;
        }
        self.operations.set(self.operations.get() + 1);
        live.unsigned_abs() >= LAG || self.operations.get() >= CALLS
    }

    /// Whether calls are not handed in one by one any more.
    pub(crate) fn holds_back(&self) -> bool {
        self.first.get() >= CALLS
    }

    /// In a forked child: the calls that are handed in one by one are its own.
    pub(crate) fn in_child(&self) {
        self.first.set(0);
    }

    /// Adds everything to `cells` and begins anew.
    pub(crate) fn hand_in(&self, cells: &HeapCells) {
        self.operations.set(0);
        let rust = self.rust.hand_in(&cells.rust);
        let c = self.c.hand_in(&cells.c);
        let both = level(rust).saturating_add(level(c));
        if both > cells.peak.load(Relaxed) {
            cells.peak.fetch_max(both, Relaxed);
        }
    }

    fn side(&self, side: Side) -> &Pending {
        match side {
            Side::Rust => &self.rust,
            #[cfg(any(
                test,
                all(
                    target_os = "linux",
                    target_env = "gnu",
                    not(target_feature = "crt-static")
                )
            ))]
            Side::C => &self.c,
        }
    }
}

impl Pending {
    #[cfg(any(test, not(all(target_os = "linux", target_env = "gnu"))))]
    const fn new() -> Self {
        Self {
            live: Cell::new(0),
            total: Cell::new(0),
            calls: Cell::new(0),
        }
    }

    /// The live bytes of this side after it.
    fn hand_in(&self, cells: &SideCells) -> i64 {
        let change = self.live.replace(0);
        if self.calls.get() > 0 {
            cells.calls.fetch_add(self.calls.replace(0), Relaxed);
            cells.total.fetch_add(self.total.replace(0), Relaxed);
        }
        if change == 0 {
            return cells.live.load(Relaxed);
        }
        let live = cells.live.fetch_add(change, Relaxed) + change;
        if level(live) > cells.peak.load(Relaxed) {
            cells.peak.fetch_max(level(live), Relaxed);
        }
        live
    }
}

/// What happened to a piece of memory; sizes in bytes.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Change {
    Allocated(u64),
    Freed(u64),
    Reallocated { old: u64, new: u64 },
}

impl Change {
    fn balance(self) -> i64 {
        match self {
            Self::Allocated(new) => new as i64,
            Self::Freed(old) => -(old as i64),
            Self::Reallocated { old, new } => new as i64 - old as i64,
        }
    }
}

/// Live bytes may be below zero for a moment: the free is handed in, the allocation in another thread not yet.
fn level(live: i64) -> u64 {
    u64::try_from(live).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A thread does something with its own piece of memory of that number, or with another thread's.
    fn operations() -> impl Strategy<Value = Vec<(usize, bool, usize, u64)>> {
        prop::collection::vec(
            (
                0..4usize,
                any::<bool>(),
                0..8usize,
                prop_oneof![0..200u64, 0..100_000u64],
            ),
            0..600,
        )
    }

    proptest! {
        #[test]
        fn what_is_handed_in_is_exact_and_what_is_not_is_bounded(operations in operations()) {
            let cells = HeapCells::new();
            let threads: [Batch; 4] = Default::default();
            // Past the calls that are handed in one by one.
            threads.iter().for_each(|thread| thread.first.set(CALLS));
            let mut pieces = [[None; 8]; 2];
            let (mut live, mut peak, mut total, mut calls) = ([0u64; 2], [0u64; 2], [0u64; 2], [0u64; 2]);
            for (thread, c, piece, size) in operations {
                let (side, s) = if c { (Side::C, 1) } else { (Side::Rust, 0) };
                let change = match (pieces[s][piece], size) {
                    (None, new) => Change::Allocated(new),
                    (Some(old), new) if new % 3 == 0 => Change::Reallocated { old, new },
                    (Some(old), _) => Change::Freed(old),
                };
                let (old, new) = match change {
                    Change::Allocated(new) => (0, Some(new)),
                    Change::Freed(old) => (old, None),
                    Change::Reallocated { old, new } => (old, Some(new)),
                };
                pieces[s][piece] = new;
                live[s] = live[s] - old + new.unwrap_or(0);
                peak[s] = peak[s].max(live[s]);
                total[s] += new.unwrap_or(0);
                calls[s] += u64::from(new.is_some());
                if threads[thread].count(side, change) {
                    threads[thread].hand_in(&cells);
                }
                let lag = threads.len() as u64 * LAG;
                let shown = [&cells.rust, &cells.c].map(|side| side.live.load(Relaxed));
                for s in 0..2 {
                    prop_assert!(shown[s].abs_diff(live[s] as i64) < lag, "{shown:?} {live:?}");
                }
            }
            threads.iter().for_each(|thread| thread.hand_in(&cells));
            for (s, side) in [&cells.rust, &cells.c].into_iter().enumerate() {
                prop_assert_eq!(side.live.load(Relaxed), live[s] as i64);
                prop_assert_eq!(side.total.load(Relaxed), total[s]);
                prop_assert_eq!(side.calls.load(Relaxed), calls[s]);
                prop_assert!(side.peak.load(Relaxed).abs_diff(peak[s]) <= threads.len() as u64 * LAG);
            }
        }
    }

    #[test]
    fn a_balanced_thread_hands_in_too() {
        let (cells, batch) = (HeapCells::new(), Batch::new());
        for _ in 0..CALLS / 2 {
            assert!(batch.count(Side::C, Change::Allocated(8)), "one by one");
            assert!(batch.count(Side::C, Change::Freed(8)));
        }
        for _ in 0..CALLS / 2 - 1 {
            assert!(!batch.count(Side::C, Change::Allocated(8)));
            assert!(!batch.count(Side::C, Change::Freed(8)));
        }
        assert!(!batch.count(Side::C, Change::Allocated(8)));
        assert!(batch.count(Side::C, Change::Freed(8)));
        batch.hand_in(&cells);
        assert_eq!(cells.c.calls.load(Relaxed), u64::from(CALLS));
        assert_eq!(cells.c.live.load(Relaxed), 0);
    }
}
