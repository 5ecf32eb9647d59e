//! The malloc layer: the C library's allocation functions, counted or sampled where that is asked for.
//!
//! Called by the exported functions that [`install!`](crate::install) puts into a binary, and by nothing else.
#![allow(unsafe_code)]
#![allow(
    clippy::missing_safety_doc,
    reason = "each has the contract of the C function of its name"
)]

use std::ffi::{c_int, c_void};
use std::ptr;

use super::count::{Change, Side};
use super::switch::{self, C_HOOKED, COUNT, PROFILE};
use super::system::{self, raw};
use super::{profile, thread};

/// Whether there may be something to do beyond calling the C library: one relaxed load and a branch where there is not.
#[inline(always)]
fn hooked() -> bool {
    switch::now() & C_HOOKED != 0
}

/// What there is to do, once there may be something.
fn asked() -> u8 {
    switch::settled(switch::now())
}

/// The bytes that glibc gave for `memory`, which is not null.
#[inline]
unsafe fn usable(memory: *mut c_void) -> u64 {
    // SAFETY: by the contract of every function here `memory` came from glibc's allocator and was not freed.
    unsafe { system::usable(memory) as u64 }
}

/// Allocates `size` bytes by `call`; counted or sampled if that is asked for. Apart from its callers, so that where
/// nothing is they are a jump into the C library.
///
/// # Safety
/// `call` gives null or memory that it has just allocated.
#[cold]
#[inline(never)]
unsafe fn allocate(size: usize, call: impl FnOnce() -> *mut c_void) -> *mut c_void {
    let memory = call();
    if memory.is_null() {
        return memory;
    }
    let asked = asked();
    if asked & COUNT != 0 {
        // SAFETY: just allocated.
        thread::count(Side::C, Change::Allocated(unsafe { usable(memory) }));
    }
    if asked & PROFILE != 0 {
        profile::allocated(true, memory.cast(), size);
    }
    memory
}

/// What a function of the C library does to get so many bytes, given as an expression, by way of [`allocate`] where that
/// may matter.
macro_rules! allocate {
    ($size:expr, $call:expr) => {
        // SAFETY: glibc's function takes any sizes; alignments it does not like it refuses or rounds up.
        unsafe { if hooked() { allocate($size, move || $call) } else { $call } }
    };
}

#[inline(always)]
pub unsafe fn malloc(size: usize) -> *mut c_void {
    allocate!(size, raw::__libc_malloc(size))
}

#[inline(always)]
pub unsafe fn calloc(count: usize, size: usize) -> *mut c_void {
    allocate!(count.wrapping_mul(size), raw::__libc_calloc(count, size))
}

#[inline(always)]
pub unsafe fn memalign(alignment: usize, size: usize) -> *mut c_void {
    allocate!(size, raw::__libc_memalign(alignment, size))
}

#[inline(always)]
pub unsafe fn valloc(size: usize) -> *mut c_void {
    allocate!(size, raw::__libc_valloc(size))
}

#[inline(always)]
pub unsafe fn pvalloc(size: usize) -> *mut c_void {
    allocate!(size, raw::__libc_pvalloc(size))
}

#[inline(always)]
pub unsafe fn free(memory: *mut c_void) {
    if hooked() {
        // SAFETY: the caller's contract is free's.
        return unsafe { free_hooked(memory) };
    }
    // SAFETY: as above.
    unsafe { raw::__libc_free(memory) }
}

#[cold]
#[inline(never)]
unsafe fn free_hooked(memory: *mut c_void) {
    if !memory.is_null() {
        let asked = asked();
        if asked & COUNT != 0 {
            // SAFETY: `memory` is allocated: the caller frees it only now.
            thread::count(Side::C, Change::Freed(unsafe { usable(memory) }));
        }
        if asked & PROFILE != 0 {
            profile::freeing(memory.cast());
        }
    }
    // SAFETY: the caller's contract is free's.
    unsafe { raw::__libc_free(memory) }
}

#[inline(always)]
pub unsafe fn realloc(memory: *mut c_void, size: usize) -> *mut c_void {
    if hooked() {
        // SAFETY: the caller's contract is realloc's.
        return unsafe { realloc_hooked(memory, size) };
    }
    // SAFETY: as above.
    unsafe { raw::__libc_realloc(memory, size) }
}

#[cold]
#[inline(never)]
unsafe fn realloc_hooked(memory: *mut c_void, size: usize) -> *mut c_void {
    // SAFETY: the caller's contract is realloc's: `memory` is null or allocated, and its size is asked for before
    // realloc may free it; `new` is null or allocated after it.
    unsafe {
        let asked = asked();
        if asked & PROFILE != 0 {
            return realloc_sampled(memory, size);
        }
        if asked & COUNT == 0 {
            return raw::__libc_realloc(memory, size);
        }
        let old = (!memory.is_null()).then(|| usable(memory));
        let new = raw::__libc_realloc(memory, size);
        let change = match (old, new.is_null()) {
            (None, false) => Some(Change::Allocated(usable(new))),
            (Some(old), false) => Some(Change::Reallocated {
                old,
                new: usable(new),
            }),
            // glibc frees what is reallocated to nothing; a failed reallocation leaves it as it was.
            (Some(old), true) if size == 0 => Some(Change::Freed(old)),
            (_, true) => None,
        };
        if let Some(change) = change {
            thread::count(Side::C, change);
        }
        new
    }
}

/// # Safety
/// realloc's contract.
unsafe fn realloc_sampled(memory: *mut c_void, size: usize) -> *mut c_void {
    // Before it is somebody else's; null was never sampled.
    let block = profile::reallocating(memory.cast());
    // SAFETY: the caller's contract is realloc's.
    let new = unsafe { raw::__libc_realloc(memory, size) };
    if !new.is_null() {
        profile::allocated(true, new.cast(), size);
    } else if size != 0 {
        profile::stays(memory.cast(), block);
    }
    new
}

pub unsafe fn reallocarray(memory: *mut c_void, count: usize, size: usize) -> *mut c_void {
    match count.checked_mul(size) {
        // SAFETY: the caller's contract is realloc's.
        Some(bytes) => unsafe { realloc(memory, bytes) },
        None => {
            // SAFETY: errno is this thread's own.
            unsafe { *libc::__errno_location() = libc::ENOMEM };
            ptr::null_mut()
        }
    }
}

pub unsafe fn posix_memalign(out: *mut *mut c_void, alignment: usize, size: usize) -> c_int {
    if !alignment.is_power_of_two() || !alignment.is_multiple_of(size_of::<*mut c_void>()) {
        return libc::EINVAL;
    }
    // SAFETY: any size, and an alignment that was checked.
    let memory = unsafe { memalign(alignment, size) };
    if memory.is_null() {
        return libc::ENOMEM;
    }
    // SAFETY: the caller gives a place for the result.
    unsafe { *out = memory };
    0
}

pub unsafe fn malloc_usable_size(memory: *mut c_void) -> usize {
    // SAFETY: the caller's contract is glibc's.
    unsafe { system::usable(memory) }
}
