//! The global allocator that switches: the C library's, mimalloc or dhat behind it, counted or not.
#![allow(unsafe_code)]

use std::alloc::{GlobalAlloc, Layout};

use super::count::{Change, Side};
use super::switch::{self, COUNT, PROFILE, RUST_HOOKED};
use super::{profile, system, thread};

/// The switching global allocator that [`install!`](crate::install) installs.
///
/// Under the `clock` instrument and the system's allocator it is one relaxed load and a predictable branch in front of
/// the C library's `malloc`.
#[derive(Debug, Clone, Copy, Default)]
pub struct Allocator;

// SAFETY: every method hands its call, with its contract, to one allocator; which one is settled before the first
// allocation and never changes, so memory goes back to where it came from. Counting does not touch the memory.
unsafe impl GlobalAlloc for Allocator {
    #[inline]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if switch::now() & RUST_HOOKED != 0 {
            // SAFETY: the caller's contract is ours, here and below.
            return unsafe { hooked::alloc(layout) };
        }
        // SAFETY: see above.
        unsafe { system::alloc(layout) }
    }

    #[inline]
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        if switch::now() & RUST_HOOKED != 0 {
            // SAFETY: the caller's contract is ours, here and below.
            return unsafe { hooked::alloc_zeroed(layout) };
        }
        // SAFETY: see above.
        unsafe { system::alloc_zeroed(layout) }
    }

    #[inline]
    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        if switch::now() & RUST_HOOKED != 0 {
            // SAFETY: the caller's contract is ours, here and below.
            return unsafe { hooked::dealloc(memory, layout) };
        }
        // SAFETY: see above.
        unsafe { system::dealloc(memory, layout) }
    }

    #[inline]
    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        if switch::now() & RUST_HOOKED != 0 {
            // SAFETY: the caller's contract is ours, here and below.
            return unsafe { hooked::realloc(memory, layout, size) };
        }
        // SAFETY: see above.
        unsafe { system::realloc(memory, layout, size) }
    }
}

/// The same where there is something to do beyond calling the C library; apart, so that the other way stays short.
mod hooked {
    use super::{Behind, COUNT, Change, GlobalAlloc, Layout, PROFILE, Side};
    use super::{profile, switch, thread};

    // SAFETY (of all four): each has the contract of the method of `GlobalAlloc` that it is named for.

    #[cold]
    #[inline(never)]
    pub(super) unsafe fn alloc(layout: Layout) -> *mut u8 {
        let switch = switch::settled(switch::now());
        // SAFETY: see above.
        let memory = unsafe { Behind::of(switch).alloc(layout) };
        allocated(switch, memory, layout.size())
    }

    #[cold]
    #[inline(never)]
    pub(super) unsafe fn alloc_zeroed(layout: Layout) -> *mut u8 {
        let switch = switch::settled(switch::now());
        // SAFETY: see above.
        let memory = unsafe { Behind::of(switch).alloc_zeroed(layout) };
        allocated(switch, memory, layout.size())
    }

    #[cold]
    #[inline(never)]
    pub(super) unsafe fn dealloc(memory: *mut u8, layout: Layout) {
        let switch = switch::settled(switch::now());
        counted(switch, memory, Change::Freed(layout.size() as u64));
        if switch & PROFILE != 0 {
            profile::freeing(memory);
        }
        // SAFETY: see above.
        unsafe { Behind::of(switch).dealloc(memory, layout) }
    }

    #[cold]
    #[inline(never)]
    pub(super) unsafe fn realloc(memory: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        let switch = switch::settled(switch::now());
        // Before it is somebody else's.
        let sampled = (switch & PROFILE != 0).then(|| profile::reallocating(memory));
        // SAFETY: see above.
        let new = unsafe { Behind::of(switch).realloc(memory, layout, size) };
        match sampled {
            Some(block) if new.is_null() => profile::stays(memory, block),
            Some(_) => profile::allocated(false, new, size),
            None => {}
        }
        counted(
            switch,
            new,
            Change::Reallocated {
                old: layout.size() as u64,
                new: size as u64,
            },
        )
    }

    /// Takes note of `memory`, if there is any and that is asked for.
    #[inline(always)]
    fn allocated(switch: u8, memory: *mut u8, size: usize) -> *mut u8 {
        if switch & PROFILE != 0 && !memory.is_null() {
            profile::allocated(false, memory, size);
        }
        counted(switch, memory, Change::Allocated(size as u64))
    }

    /// Counts the change that led to `memory`, if it did and that is asked for.
    #[inline(always)]
    fn counted(switch: u8, memory: *mut u8, change: Change) -> *mut u8 {
        if switch & COUNT != 0 && !memory.is_null() {
            thread::count(Side::Rust, change);
        }
        memory
    }
}

/// The allocator behind the switch.
#[derive(Clone, Copy)]
enum Behind {
    System,
    #[cfg(feature = "mimalloc")]
    Mimalloc,
    #[cfg(feature = "dhat")]
    Dhat,
}

impl Behind {
    #[inline]
    fn of(switch: u8) -> Self {
        match switch {
            #[cfg(feature = "dhat")]
            _ if switch & switch::DHAT != 0 => Self::Dhat,
            #[cfg(feature = "mimalloc")]
            _ if switch & switch::MIMALLOC != 0 => Self::Mimalloc,
            _ => Self::System,
        }
    }
}

// SAFETY: each method hands its call on with its contract.
unsafe impl GlobalAlloc for Behind {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's contract is that of each method here, in this method and those below.
        unsafe {
            match self {
                Self::System => system::alloc(layout),
                #[cfg(feature = "mimalloc")]
                Self::Mimalloc => mimalloc::MiMalloc.alloc(layout),
                #[cfg(feature = "dhat")]
                Self::Dhat => dhat::Alloc.alloc(layout),
            }
        }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: see `alloc`.
        unsafe {
            match self {
                Self::System => system::alloc_zeroed(layout),
                #[cfg(feature = "mimalloc")]
                Self::Mimalloc => mimalloc::MiMalloc.alloc_zeroed(layout),
                #[cfg(feature = "dhat")]
                Self::Dhat => dhat::Alloc.alloc_zeroed(layout),
            }
        }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        // SAFETY: see `alloc`.
        unsafe {
            match self {
                Self::System => system::dealloc(memory, layout),
                #[cfg(feature = "mimalloc")]
                Self::Mimalloc => mimalloc::MiMalloc.dealloc(memory, layout),
                #[cfg(feature = "dhat")]
                Self::Dhat => dhat::Alloc.dealloc(memory, layout),
            }
        }
    }

    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: see `alloc`.
        unsafe {
            match self {
                Self::System => system::realloc(memory, layout, size),
                #[cfg(feature = "mimalloc")]
                Self::Mimalloc => mimalloc::MiMalloc.realloc(memory, layout, size),
                #[cfg(feature = "dhat")]
                Self::Dhat => dhat::Alloc.realloc(memory, layout, size),
            }
        }
    }
}
