//! What each allocation and each free does: a thread's countdown to its next sample, and the way to the tables.
#![allow(unsafe_code)]

use std::cell::Cell;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;

use super::super::local::{self, Local};
use super::blocks::{Block, Blocks};
use super::chance::{self, Weight};
use super::layout::Layout;
use super::map::attached;
use super::sites::Sites;
use super::stack::Stack;

static BLOCKS: Blocks = Blocks::new();
static SITES: Sites = Sites::new();
/// Threads that have sampled, for random numbers of their own.
static THREADS: AtomicU64 = AtomicU64::new(0);

/// What a thread samples with. Zeros are that of a new one. A thread that ends takes its countdown along; since gaps
/// have no memory, that biases nothing.
#[repr(C)]
pub(in super::super) struct Sampler {
    /// Bytes until the next sample.
    left: Cell<u64>,
    /// State of the random numbers; 0 before the first.
    random: Cell<u64>,
    /// This thread is in here already: the unwinder allocates, or a signal's handler does.
    busy: Cell<bool>,
}

/// Makes the tables; whether that worked. Called once, before anything is sampled.
pub(crate) fn prepare() -> bool {
    BLOCKS.prepare()
}

/// Allocates `size` bytes by `call`, which gives null where there are none. `c`: it is C's malloc.
///
/// That a sample falls due is seen before the call, so that where none does there is nothing left to do after it.
#[inline(always)]
pub(in super::super) fn allocate(c: bool, size: usize, call: impl FnOnce() -> *mut u8) -> *mut u8 {
    if falls_due(size) {
        sampled(c, size, call)
    } else {
        call()
    }
}

/// `size` bytes were allocated at `memory`, and nobody else knows of it yet; or it is null.
#[inline]
pub(in super::super) fn allocated(c: bool, memory: *mut u8, size: usize) {
    allocate(c, size, || memory);
}

/// Counts `size` bytes, and tells whether the next sample falls into them.
#[inline(always)]
fn falls_due(size: usize) -> bool {
    local::with(|Local { sampler, .. }| {
        let (left, due) = sampler.left.get().overflowing_sub(size as u64);
        sampler.left.set(left);
        due
    })
}

#[cold]
#[inline(never)]
fn sampled(c: bool, size: usize, call: impl FnOnce() -> *mut u8) -> *mut u8 {
    let memory = call();
    local::with(|Local { sampler, .. }| sampler.due(c, memory, size as u64));
    memory
}

/// The block at `memory` is about to be freed.
#[inline]
pub(in super::super) fn freeing(memory: *mut u8) {
    if may_be_sampled(memory) {
        taken(memory);
    }
}

/// Whether the block at `memory` may be a sampled one, for which a free has to be told by [`freeing`].
#[inline(always)]
pub(in super::super) fn may_be_sampled(memory: *mut u8) -> bool {
    BLOCKS.may_hold(memory.addr() as u64)
}

/// Reallocates the block at `memory` to `size` bytes by `call`, which gives null where it leaves the block as it was.
#[inline]
pub(in super::super) fn resized(
    c: bool,
    memory: *mut u8,
    size: usize,
    call: impl FnOnce() -> *mut u8,
) -> *mut u8 {
    // Before it is somebody else's.
    let block = if may_be_sampled(memory) {
        taken(memory)
    } else {
        None
    };
    let new = call();
    if new.is_null() {
        stays(memory, block);
    } else {
        allocated(c, new, size);
    }
    new
}

/// The reallocation failed, and the block is still there.
#[cold]
fn stays(memory: *mut u8, block: Option<Block>) {
    let Some(block) = block else { return };
    apart(|file| {
        if let Ok(None) = BLOCKS.insert(memory.addr() as u64, block) {
            SITES.live(file, block.site, weight(file, block.size), true);
        }
    });
}

#[cold]
#[inline(never)]
fn taken(memory: *mut u8) -> Option<Block> {
    apart(|file| {
        let block = BLOCKS.remove(memory.addr() as u64)?;
        SITES.live(file, block.site, weight(file, block.size), false);
        Some(block)
    })?
}

impl Sampler {
    #[cfg(not(all(target_os = "linux", target_env = "gnu")))]
    pub(in super::super) const fn new() -> Self {
        Self {
            left: Cell::new(0),
            random: Cell::new(0),
            busy: Cell::new(false),
        }
    }

    /// A sample falls into the `size` bytes at `memory`, of which the countdown has had too few; where they were not
    /// allocated, it is none.
    fn due(&self, c: bool, memory: *mut u8, size: u64) {
        let Some(file) = attached() else {
            return self.left.set(0);
        };
        if self.random.get() == 0 {
            let seed = file.header.seed.load(Relaxed);
            self.random
                .set(chance::seeded(seed, THREADS.fetch_add(1, Relaxed)));
            // The thread's first gap.
            if let Some(left) = self.gap(file).checked_sub(size) {
                return self.left.set(left);
            }
        }
        self.left.set(self.gap(file));
        if memory.is_null() {
            return;
        }
        apart(|file| {
            let site = SITES.find(file, c, Stack::here().addresses());
            let address = memory.addr() as u64;
            let before = BLOCKS.insert(address, Block { size, site });
            if let Ok(Some(block)) = before {
                SITES.live(file, block.site, weight(file, block.size), false);
            }
            if before.is_err() {
                file.header.missed.fetch_add(1, Relaxed);
            }
            SITES.allocated(file, site, weight(file, size), before.is_ok());
        });
    }

    fn gap(&self, file: &Layout) -> u64 {
        let (state, random) = chance::next(self.random.get());
        self.random.set(state);
        chance::gap(random, file.header.every.load(Relaxed))
    }
}

fn weight(file: &Layout, size: u64) -> Weight {
    Weight::of(size, file.header.every.load(Relaxed))
}

/// Does something to the tables, unless this thread is at it already, or this is a forked child, whose tables are its
/// parent's and whose locks may be held by threads that it does not have. Keeps `errno`, which neither a successful
/// allocation nor a free may change.
fn apart<R>(work: impl FnOnce(&Layout) -> R) -> Option<R> {
    let file = attached()?;
    // SAFETY: getpid has no preconditions; errno is this thread's own.
    let (me, errno) = unsafe { (libc::getpid() as u32, errno()) };
    if file.header.writer.load(Relaxed) != me {
        return None;
    }
    local::with(|Local { sampler, .. }| {
        if sampler.busy.replace(true) {
            file.header.missed.fetch_add(1, Relaxed);
            return None;
        }
        // SAFETY: errno is this thread's own.
        let kept = unsafe { *errno };
        let result = work(file);
        // SAFETY: as above.
        unsafe { *errno = kept };
        sampler.busy.set(false);
        Some(result)
    })
}

/// This thread's `errno`.
///
/// # Safety
/// None is needed; the C library's functions are declared unsafe.
unsafe fn errno() -> *mut libc::c_int {
    #[cfg(target_os = "linux")]
    // SAFETY: no preconditions.
    return unsafe { libc::__errno_location() };
    #[cfg(not(target_os = "linux"))]
    // SAFETY: no preconditions.
    return unsafe { libc::__error() };
}
