//! The global allocator that switches: the C library's, another one or dhat behind it, counted or not.
#![allow(unsafe_code)]

use std::alloc::{GlobalAlloc, Layout};

use super::count::{Change, Side};
use super::early::EARLY;
use super::other::{self, Other};
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
        let switch = switch::now();
        if switch & RUST_HOOKED != 0 {
            // SAFETY: the caller's contract is ours, here and below.
            return unsafe {
                if switch::only_samples(switch) {
                    profile::allocate(false, layout.size(), || system::alloc(layout))
                } else {
                    hooked::alloc(layout)
                }
            };
        }
        // SAFETY: see above.
        unsafe { system::alloc(layout) }
    }

    #[inline]
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        let switch = switch::now();
        if switch & RUST_HOOKED != 0 {
            // SAFETY: the caller's contract is ours, here and below.
            return unsafe {
                if switch::only_samples(switch) {
                    profile::allocate(false, layout.size(), || system::alloc_zeroed(layout))
                } else {
                    hooked::alloc_zeroed(layout)
                }
            };
        }
        // SAFETY: see above.
        unsafe { system::alloc_zeroed(layout) }
    }

    #[inline]
    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        let switch = switch::now();
        if switch & RUST_HOOKED != 0 {
            // SAFETY: the caller's contract is ours, here and below.
            return unsafe {
                if switch::only_samples(switch) {
                    if profile::may_be_sampled(memory) {
                        return dealloc_sampled(memory, layout);
                    }
                    system::dealloc(memory, layout)
                } else {
                    hooked::dealloc(memory, layout)
                }
            };
        }
        // SAFETY: see above.
        unsafe { system::dealloc(memory, layout) }
    }

    #[inline]
    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        let switch = switch::now();
        if switch & RUST_HOOKED != 0 {
            // SAFETY: the caller's contract is ours, here and below.
            return unsafe {
                if switch::only_samples(switch) {
                    realloc_sampled(memory, layout, size)
                } else {
                    hooked::realloc(memory, layout, size)
                }
            };
        }
        // SAFETY: see above.
        unsafe { system::realloc(memory, layout, size) }
    }
}

// SAFETY (of both): each has the contract of the method of `GlobalAlloc` that it is named for.

/// Frees a block that may be a sampled one. Apart, so that a free of any other keeps nothing on the stack.
#[cold]
#[inline(never)]
unsafe fn dealloc_sampled(memory: *mut u8, layout: Layout) {
    profile::freeing(memory);
    // SAFETY: see above.
    unsafe { system::dealloc(memory, layout) }
}

/// Reallocates where allocations are only sampled.
#[inline(never)]
unsafe fn realloc_sampled(memory: *mut u8, layout: Layout, size: usize) -> *mut u8 {
    // SAFETY: see above.
    unsafe {
        profile::resized(false, memory, size, || {
            system::realloc(memory, layout, size)
        })
    }
}

/// The same where there is something to do beyond calling the C library; apart, so that the other way stays short.
mod hooked {
    use super::{Behind, COUNT, Change, GlobalAlloc, Layout, PROFILE, Side};
    use super::{EARLY, profile, switch, thread};

    // SAFETY (of all four): each has the contract of the method of `GlobalAlloc` that it is named for.

    #[cold]
    #[inline(never)]
    pub(super) unsafe fn alloc(layout: Layout) -> *mut u8 {
        let switch = switch::settled(switch::now());
        // SAFETY: see above.
        let memory = unsafe { Behind::of(switch).alloc(layout) };
        early(switch, memory);
        allocated(switch, memory, layout.size())
    }

    #[cold]
    #[inline(never)]
    pub(super) unsafe fn alloc_zeroed(layout: Layout) -> *mut u8 {
        let switch = switch::settled(switch::now());
        // SAFETY: see above.
        let memory = unsafe { Behind::of(switch).alloc_zeroed(layout) };
        early(switch, memory);
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
        let behind = if EARLY.forget(memory) {
            Behind::System
        } else {
            Behind::of(switch)
        };
        // SAFETY: see above.
        unsafe { behind.dealloc(memory, layout) }
    }

    #[cold]
    #[inline(never)]
    pub(super) unsafe fn realloc(memory: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        let switch = switch::settled(switch::now());
        // SAFETY: see above; an early block is left for one that is as another new one.
        let call = || unsafe {
            if EARLY.has(memory) {
                moved(switch, memory, layout, size)
            } else {
                Behind::of(switch).realloc(memory, layout, size)
            }
        };
        let new = if switch & PROFILE != 0 {
            profile::resized(false, memory, size, call)
        } else {
            call()
        };
        counted(
            switch,
            new,
            Change::Reallocated {
                old: layout.size() as u64,
                new: size as u64,
            },
        )
    }

    /// Remembers a block that was given before it was known what is to serve.
    #[inline(always)]
    fn early(switch: u16, memory: *mut u8) {
        if switch & switch::EARLY != 0 && !memory.is_null() {
            EARLY.remember(memory);
        }
    }

    /// Reallocates an early block.
    ///
    /// # Safety
    /// `GlobalAlloc::realloc`'s.
    #[cold]
    unsafe fn moved(switch: u16, memory: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: `size` with `layout`'s alignment is a valid layout by `GlobalAlloc`'s contract; both pieces are at
        // least as large as what is copied, and the old one is the C library's.
        unsafe {
            let new =
                Behind::of(switch).alloc(Layout::from_size_align_unchecked(size, layout.align()));
            early(switch, new);
            if !new.is_null() {
                new.copy_from_nonoverlapping(memory, layout.size().min(size));
                EARLY.forget(memory);
                Behind::System.dealloc(memory, layout);
            }
            new
        }
    }

    /// Takes note of `memory`, if there is any and that is asked for.
    #[inline(always)]
    fn allocated(switch: u16, memory: *mut u8, size: usize) -> *mut u8 {
        if switch & PROFILE != 0 {
            profile::allocated(false, memory, size);
        }
        counted(switch, memory, Change::Allocated(size as u64))
    }

    /// Counts the change that led to `memory`, if it did and that is asked for.
    #[inline(always)]
    fn counted(switch: u16, memory: *mut u8, change: Change) -> *mut u8 {
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
    Other(&'static Other),
    #[cfg(feature = "dhat")]
    Dhat,
}

impl Behind {
    #[inline]
    fn of(switch: u16) -> Self {
        match switch {
            #[cfg(feature = "dhat")]
            _ if switch & switch::DHAT != 0 => Self::Dhat,
            _ if switch & switch::OTHER != 0 => other::serving().map_or(Self::System, Self::Other),
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
                Self::Other(other) => other.alloc(layout),
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
                Self::Other(other) => other.alloc_zeroed(layout),
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
                Self::Other(other) => other.dealloc(memory, layout),
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
                Self::Other(other) => other.realloc(memory, layout, size),
                #[cfg(feature = "dhat")]
                Self::Dhat => dhat::Alloc.realloc(memory, layout, size),
            }
        }
    }
}
