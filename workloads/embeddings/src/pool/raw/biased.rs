//! A value that its own thread enters for next to nothing, and others by barring that thread for a while.
//!
//! The owner says that it is inside, then looks whether it is barred; who bars it says so, then looks whether it is inside. With a
//! barrier between the two steps on each side at least one of them sees the other (Dekker's algorithm); the owner gives way. That
//! barrier is free for the owner (see `Barrier`), so that entering takes two plain stores and a load.

use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};

use super::sync::{AtomicBool, Barrier, UnsafeCell, yield_now};

/// A value of one thread, which others may enter while they bar that thread.
#[derive(Debug)]
pub(super) struct Biased<T> {
    inside: AtomicBool,
    barred: AtomicBool,
    barrier: Barrier,
    value: UnsafeCell<T>,
}

// SAFETY: the value is entered by one thread at a time, as the contracts of `own` and `enter` have it.
unsafe impl<T: Send> Sync for Biased<T> {}

impl<T> Biased<T> {
    pub(super) fn new(value: T, barrier: Barrier) -> Self {
        Self {
            inside: AtomicBool::new(false),
            barred: AtomicBool::new(false),
            barrier,
            value: UnsafeCell::new(value),
        }
    }

    /// Enters as the owner; nothing where it is barred. `f` must not panic: who bars the owner would wait for ever.
    ///
    /// # Safety
    /// Only one thread, the owner, ever calls this, and not from within `f`.
    #[inline(always)]
    pub(super) unsafe fn own<R>(&self, f: impl FnOnce(&mut T) -> R) -> Option<R> {
        self.inside.store(true, Relaxed);
        self.barrier.light();
        // Acquires what was done to the value while the owner was barred.
        let free = !self.barred.load(Acquire);
        let result = free.then(|| {
            // SAFETY: nobody has barred the owner, or else they have yet to see that it is inside, and wait.
            self.value.with_mut(|value| f(unsafe { &mut *value }))
        });
        self.inside.store(false, Release);
        result
    }

    /// Bars the owner from entering anew. A heavy barrier must follow, once for as many values as are barred together.
    pub(super) fn bar(&self) {
        self.barred.store(true, Relaxed);
    }

    /// Enters in the owner's place, once it has left.
    ///
    /// # Safety
    /// The owner is barred, a heavy barrier has followed, and nobody else calls this meanwhile.
    pub(super) unsafe fn enter<R>(&self, f: impl FnOnce(&mut T) -> R) -> R {
        while self.inside.load(Acquire) {
            yield_now();
        }
        // SAFETY: the owner is not inside, and sees that it is barred before it enters again.
        self.value.with_mut(|value| f(unsafe { &mut *value }))
    }

    /// Lets the owner enter again.
    pub(super) fn unbar(&self) {
        self.barred.store(false, Release);
    }
}
