//! Who serves a block of the C heap: glibc, or another allocator.
#![allow(unsafe_code)]

use std::ffi::c_void;

use super::early::EARLY;
use super::other::{self, Other};
use super::switch::OTHER;
use super::system::{self, raw};

/// What `valloc` and `pvalloc` align to.
const PAGE: usize = 4096;

/// An allocator of C's.
#[derive(Clone, Copy)]
pub(super) enum Server {
    Glibc,
    Other(&'static Other),
}

impl Server {
    /// Who serves from now on, by the switch.
    #[inline]
    pub(super) fn of(switch: u16) -> Self {
        if switch & OTHER == 0 {
            Self::Glibc
        } else {
            other::serving().map_or(Self::Glibc, Self::Other)
        }
    }

    /// Who has served `memory`.
    #[inline]
    pub(super) fn of_block(switch: u16, memory: *mut c_void) -> Self {
        if EARLY.has(memory.cast()) {
            Self::Glibc
        } else {
            Self::of(switch)
        }
    }

    // SAFETY (of all that follow): each has the contract of the C function that it is named for, and hands it on;
    // `memory` is of this server.

    #[inline]
    pub(super) unsafe fn malloc(self, size: usize) -> *mut c_void {
        // SAFETY: see above.
        unsafe {
            match self {
                Self::Glibc => raw::__libc_malloc(size),
                Self::Other(other) => (other.malloc)(size),
            }
        }
    }

    pub(super) unsafe fn calloc(self, count: usize, size: usize) -> *mut c_void {
        // SAFETY: see above.
        unsafe {
            match self {
                Self::Glibc => raw::__libc_calloc(count, size),
                Self::Other(other) => (other.calloc)(count, size),
            }
        }
    }

    pub(super) unsafe fn memalign(self, alignment: usize, size: usize) -> *mut c_void {
        // SAFETY: see above. Alignments that are no powers of two glibc rounds up.
        unsafe {
            match self {
                Self::Glibc => raw::__libc_memalign(alignment, size),
                Self::Other(other) => {
                    (other.aligned)(alignment.checked_next_power_of_two().unwrap_or(1), size)
                }
            }
        }
    }

    pub(super) unsafe fn valloc(self, size: usize) -> *mut c_void {
        // SAFETY: see above.
        unsafe {
            match self {
                Self::Glibc => raw::__libc_valloc(size),
                Self::Other(other) => (other.aligned)(PAGE, size),
            }
        }
    }

    pub(super) unsafe fn pvalloc(self, size: usize) -> *mut c_void {
        // SAFETY: see above.
        unsafe {
            match self {
                Self::Glibc => raw::__libc_pvalloc(size),
                Self::Other(other) => {
                    let pages = size.checked_next_multiple_of(PAGE).unwrap_or(usize::MAX);
                    (other.aligned)(PAGE, pages)
                }
            }
        }
    }

    #[inline]
    pub(super) unsafe fn free(self, memory: *mut c_void) {
        // SAFETY: see above.
        unsafe {
            match self {
                Self::Glibc => {
                    EARLY.forget(memory.cast());
                    raw::__libc_free(memory);
                }
                Self::Other(other) => (other.free)(memory),
            }
        }
    }

    /// To `size` bytes of `next`, who serves now.
    pub(super) unsafe fn realloc(
        self,
        memory: *mut c_void,
        size: usize,
        next: Self,
    ) -> *mut c_void {
        // SAFETY: see above. What moves from one to the other is copied as far as both reach, before it is freed.
        unsafe {
            match (self, next) {
                (Self::Glibc, Self::Glibc) => raw::__libc_realloc(memory, size),
                (Self::Other(_), Self::Other(other)) => (other.realloc)(memory, size),
                _ => {
                    let new = next.malloc(size);
                    if !new.is_null() {
                        let bytes = size.min(self.usable(memory));
                        new.cast::<u8>()
                            .copy_from_nonoverlapping(memory.cast(), bytes);
                        self.free(memory);
                    }
                    new
                }
            }
        }
    }

    #[inline]
    pub(super) unsafe fn usable(self, memory: *mut c_void) -> usize {
        // SAFETY: see above.
        unsafe {
            match self {
                Self::Glibc => system::usable(memory),
                Self::Other(_) if memory.is_null() => 0,
                Self::Other(other) => (other.usable)(memory),
            }
        }
    }
}
