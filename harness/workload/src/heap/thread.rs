//! Each thread's own batch, handed in when due and when the thread ends.
#![allow(unsafe_code)]

use std::cell::Cell;
use std::ffi::c_void;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Relaxed;

use super::count::{Batch, Change, Side};
use crate::gauges;

/// Where a thread stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// It has not counted anything.
    New,
    /// It is being made known, which may itself allocate.
    Entering,
    /// It counts in its batch.
    Counting,
    /// It has handed in its last batch; the little that it still does is handed in at once.
    Ending,
}

/// No destructor and a constant start: plain thread-local memory, there from the thread's first instruction to its
/// last, and reached without a call.
struct Counter {
    batch: Batch,
    state: Cell<State>,
}

thread_local! {
    static COUNTER: Counter = const { Counter { batch: Batch::new(), state: Cell::new(State::New) } };
}

/// The key whose destructor hands in a thread's last batch.
static KEY: AtomicUsize = AtomicUsize::new(0);

/// Makes the key; whether that worked. Called once, before anything is counted.
pub(super) fn prepare() -> bool {
    let mut key = 0;
    // SAFETY: `key` is writable; the destructor stays loaded as long as the process.
    let made = unsafe { libc::pthread_key_create(&raw mut key, Some(end)) } == 0;
    KEY.store(key as usize, Relaxed);
    made
}

/// Counts a change on this thread.
#[inline]
pub(super) fn count(side: Side, change: Change) {
    COUNTER.with(|counter| {
        let due = counter.batch.count(side, change);
        if due || counter.state.get() != State::Counting {
            counter.step();
        }
    });
}

/// Hands in what this thread has counted.
pub(super) fn hand_in() {
    COUNTER.with(Counter::hand_in);
}

impl Counter {
    #[cold]
    #[inline(never)]
    fn step(&self) {
        match self.state.get() {
            State::New => self.enter(),
            // An allocation of the call in `enter`: it stays in the batch.
            State::Entering => {}
            State::Counting | State::Ending => self.hand_in(),
        }
    }

    fn enter(&self) {
        self.state.set(State::Entering);
        if let Some(page) = gauges::attached() {
            page.heap.threads.fetch_add(1, Relaxed);
        }
        // SAFETY: the key was made by `prepare` before anything could be counted. The value only has to be other than
        // null for the destructor to be called.
        unsafe {
            libc::pthread_setspecific(
                KEY.load(Relaxed) as libc::pthread_key_t,
                (&raw const KEY).cast(),
            )
        };
        self.state.set(State::Counting);
    }

    fn hand_in(&self) {
        if let Some(page) = gauges::attached() {
            self.batch.hand_in(&page.heap);
        }
    }
}

/// A thread ends.
unsafe extern "C" fn end(_: *mut c_void) {
    COUNTER.with(|counter| {
        counter.state.set(State::Ending);
        counter.hand_in();
    });
    if let Some(page) = gauges::attached() {
        page.heap.threads.fetch_sub(1, Relaxed);
    }
}
