//! The switch between instruments and allocators, read once, before anything has been allocated.
#![allow(unsafe_code)]

use std::sync::atomic::AtomicU16;
use std::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed, Release};

use crate::env::{self, AllocatorChoice, Instrument};
use crate::gauges::{self, flags};
use crate::sys;

use super::{count, early, held, other, profile, system, thread};

/// The malloc layer has something to do beyond calling the C library.
pub(super) const C_HOOKED: u16 = 1;
/// So has Rust's global allocator.
pub(super) const RUST_HOOKED: u16 = 2;
/// Allocations are counted.
pub(super) const COUNT: u16 = 4;
/// Rust's allocations go through dhat.
pub(super) const DHAT: u16 = 8;
/// Another allocator than the C library's serves both heaps.
pub(super) const OTHER: u16 = 16;
/// The environment has not been read yet.
const UNREAD: u16 = NOT_READ | C_HOOKED | RUST_HOOKED;
const NOT_READ: u16 = 32;
/// [`construct`] has run: the binary has what [`install!`](crate::install) puts into it.
const CONSTRUCTED: u16 = 64;
/// Allocations are sampled for a heap profile.
pub(super) const PROFILE: u16 = 128;
/// The environment is being read, or cannot be yet: the C library serves, and remembers what it gave.
pub(super) const EARLY: u16 = 256;
/// Of what there may be to do it is sampling alone, and the C library serves: a bit of its own, since full-size runs
/// look at it in every allocation and free.
const ONLY_SAMPLES: u16 = 512;

/// Whether there is a malloc layer.
const C_IS_HOOKED: bool = cfg!(all(
    target_os = "linux",
    target_env = "gnu",
    not(target_feature = "crt-static")
));

static SWITCH: AtomicU16 = AtomicU16::new(UNREAD);

/// How it stands, for the fast path.
#[inline(always)]
pub(super) fn now() -> u16 {
    SWITCH.load(Relaxed)
}

/// Whether allocations are sampled and nothing else: the way that is kept short.
#[inline(always)]
pub(super) fn only_samples(now: u16) -> bool {
    now & ONLY_SAMPLES != 0
}

/// How it stands once the environment is read, for the slow path. `now` is what [`now`] gave.
#[inline]
pub(super) fn settled(now: u16) -> u16 {
    if now & UNREAD == UNREAD { read() } else { now }
}

/// Whether another allocator than the C library's serves.
pub(super) fn is_other() -> bool {
    now() & OTHER != 0
}

/// Whether the binary was made with [`install!`](crate::install).
pub(super) fn installed() -> bool {
    now() & CONSTRUCTED != 0
}

/// The constructor of a binary: the loader calls it before `main`.
pub extern "C" fn construct() {
    let switch = settled(now());
    SWITCH.fetch_or(CONSTRUCTED, Relaxed);
    if let Some(page) = gauges::attached() {
        if switch & COUNT != 0 {
            page.flags.fetch_or(flags::RUST_COUNTED, Relaxed);
        }
        around_forks();
    }
    if switch & PROFILE != 0 {
        sample_no_children();
    }
}

fn sample_no_children() {
    // SAFETY: the handler is async-signal-safe and stays loaded as long as the process.
    unsafe { libc::pthread_atfork(None, None, Some(sample_no_child)) };
}

/// In a forked child: the profile is its parent's.
extern "C" fn sample_no_child() {
    SWITCH.fetch_and(!(PROFILE | ONLY_SAMPLES), Relaxed);
}

/// The constructor of a library that is loaded into a program from outside. `whether` the library's malloc is the
/// program's; one that brings its own is not counted.
///
/// Rust's heap is part of C's there: the program's global allocator calls malloc.
pub fn construct_outside(whether: bool) {
    if !whether {
        gauges::leave_mark(gauges::OWN_ALLOCATOR);
        return;
    }
    let switch = settled(now());
    if switch & COUNT != 0 && switch & OTHER == 0 {
        held::look_in_passing();
    }
    if switch & PROFILE != 0 {
        // The page tells what serves the heap.
        gauges::attached();
        sample_no_children();
    }
    if switch & (COUNT | OTHER | PROFILE) != 0 {
        around_forks();
    }
}

fn around_forks() {
    // SAFETY: the handlers are async-signal-safe and stay loaded as long as the process.
    unsafe { libc::pthread_atfork(Some(thread::before_fork), None, Some(thread::in_child)) };
}

/// Reads the environment. Shared libraries may allocate in constructors of their own, before ours: then this runs
/// earlier still, which works, for it calls nothing that allocates.
#[cold]
fn read() -> u16 {
    // Whoever comes here meanwhile, on this thread or another, is served by the C library and not counted.
    const READING: u16 = EARLY | C_HOOKED | RUST_HOOKED;
    if let Err(other) = SWITCH.compare_exchange(UNREAD, READING, AcqRel, Acquire) {
        return other;
    }
    if !sys::environment_is_known() {
        SWITCH.store(UNREAD, Release);
        return EARLY;
    }
    let is = |variable, word: &str| {
        sys::getenv(variable).is_some_and(|value| value.to_bytes() == word.as_bytes())
    };
    let mut switch = 0;
    let asked = AllocatorChoice::ALL
        .into_iter()
        .find(|choice| is(env::ALLOCATOR, choice.name()));
    if let Some(choice) = asked
        && early::EARLY.is_complete()
        && other::choose(choice)
    {
        switch |= OTHER | C_HOOKED | RUST_HOOKED;
        if let Some(page) = gauges::attached() {
            page.flags.fetch_or(flags::of(choice), Relaxed);
        }
    }
    if cfg!(feature = "dhat") && is(env::INSTRUMENT, Instrument::Dhat.name()) {
        switch = DHAT | RUST_HOOKED;
    }
    // Without a page nobody could read the figures.
    if is(env::INSTRUMENT, Instrument::Count.name())
        && let Some(page) = gauges::attached()
        && thread::prepare()
    {
        switch |= COUNT | RUST_HOOKED;
        page.heap.lag.store(count::LAG, Relaxed);
        let mut counted = 0;
        if system::prepare() {
            switch |= C_HOOKED;
            counted |= flags::C_COUNTED;
        }
        if switch & OTHER == 0 {
            counted |= flags::RUST_IN_MALLOC;
        }
        page.flags.fetch_or(counted, Relaxed);
    }
    if is(env::INSTRUMENT, Instrument::Profile.name())
        && profile::prepare()
        && profile::attach(C_IS_HOOKED)
    {
        if switch == 0 {
            switch = ONLY_SAMPLES;
        }
        switch |= PROFILE | C_HOOKED | RUST_HOOKED;
    }
    SWITCH.store(switch, Release);
    switch
}
