//! A lock that works inside malloc: no allocation, no thread-local state, no call of the C library but to yield.
#![allow(unsafe_code)]

use std::cell::UnsafeCell;
use std::hint::spin_loop;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};

/// Spins before the processor is given away.
const PATIENCE: u32 = 64;

/// A value that one thread at a time works on, for less than a microsecond.
pub(super) struct Lock<T> {
    taken: AtomicBool,
    value: UnsafeCell<T>,
}

// SAFETY: `with` hands out the only reference at a time; the value moves between threads, as `Send` allows.
unsafe impl<T: Send> Sync for Lock<T> {}

impl<T> Lock<T> {
    pub(super) const fn new(value: T) -> Self {
        Self {
            taken: AtomicBool::new(false),
            value: UnsafeCell::new(value),
        }
    }

    /// Works on the value. `work` must not come back here, on this lock.
    pub(super) fn with<R>(&self, work: impl FnOnce(&mut T) -> R) -> R {
        let mut tries = 0;
        while self
            .taken
            .compare_exchange_weak(false, true, Acquire, Relaxed)
            .is_err()
        {
            tries += 1;
            if tries % PATIENCE == 0 {
                // The holder may have lost its processor.
                // SAFETY: no preconditions.
                unsafe { libc::sched_yield() };
            } else {
                spin_loop();
            }
        }
        // SAFETY: `taken` was false and is ours until it is stored below: no other reference exists.
        let result = work(unsafe { &mut *self.value.get() });
        self.taken.store(false, Release);
        result
    }
}
