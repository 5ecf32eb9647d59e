//! Each thread's own batch, handed in when due and when the thread ends.
#![allow(unsafe_code)]

use std::cell::Cell;
use std::ffi::c_void;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Relaxed;

use super::count::{Batch, Change, Side};
use super::held;
use super::local;
use super::switch::{self, COUNT};
use crate::gauges::{self, flags};

/// Where a thread stands.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
enum State {
    /// It has not counted anything.
    #[cfg_attr(
        all(target_os = "linux", target_env = "gnu"),
        allow(dead_code, reason = "it is what the zeros stand for")
    )]
    New = 0,
    /// It is being made known, which may itself allocate.
    Entering,
    /// It counts in its batch.
    Counting,
    /// It has handed in its last batch; the little that it still does is handed in at once.
    Ending,
}

/// What a thread counts in. Zeros are that of a new one.
#[repr(C)]
pub(super) struct Counter {
    batch: Batch,
    state: Cell<State>,
}

#[inline(always)]
fn with<R>(act: impl FnOnce(&Counter) -> R) -> R {
    local::with(|local| act(&local.counter))
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
    with(|counter| {
        let due = counter.batch.count(side, change);
        if due || counter.state.get() != State::Counting {
            counter.step();
        }
    });
}

/// Hands in what this thread has counted.
pub(super) fn hand_in() {
    with(Counter::hand_in);
}

/// Before a fork: what this thread has counted is handed in once, and not by parent and child both.
pub(super) extern "C" fn before_fork() {
    hand_in();
}

/// After a fork, in the child: it counts on by itself.
pub(super) extern "C" fn in_child() {
    gauges::in_child();
    with(|counter| counter.batch.in_child());
}

/// The program ends by itself: hands in what this thread has counted, and from now on whatever it still does at once.
pub extern "C" fn conclude() {
    if switch::now() & COUNT == 0 {
        return;
    }
    hand_in_the_last();
    if let Some(page) = gauges::attached() {
        page.flags.fetch_or(flags::CONCLUDED, Relaxed);
    }
}

fn hand_in_the_last() {
    with(|counter| {
        counter.state.set(State::Ending);
        counter.hand_in();
    });
}

impl Counter {
    #[cfg(not(all(target_os = "linux", target_env = "gnu")))]
    pub(super) const fn new() -> Self {
        Self {
            batch: Batch::new(),
            state: Cell::new(State::New),
        }
    }

    #[cold]
    #[inline(never)]
    fn step(&self) {
        match self.state.get() {
            State::New => {
                self.enter();
                self.hand_in();
            }
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
            if self.batch.holds_back() && page.flags.load(Relaxed) & flags::HOLDS_BACK == 0 {
                page.flags.fetch_or(flags::HOLDS_BACK, Relaxed);
            }
            held::look(&page.heap);
        }
    }
}

/// A thread ends.
unsafe extern "C" fn end(_: *mut c_void) {
    hand_in_the_last();
    if let Some(page) = gauges::attached() {
        page.heap.threads.fetch_sub(1, Relaxed);
    }
}
