//! The malloc layer: the C library's allocation functions, counted where that is asked for.
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
use super::switch::{self, C_HOOKED, COUNT};
use super::system::raw;
use super::thread;

/// Whether this call is to be counted: one relaxed load and a branch where nothing is.
#[inline(always)]
fn counting() -> bool {
    let now = switch::now();
    now & C_HOOKED != 0 && switch::settled(now) & COUNT != 0
}

/// The bytes that glibc gave for `memory`, which is not null.
#[inline]
unsafe fn usable(memory: *mut c_void) -> u64 {
    // SAFETY: by the contract of every function here `memory` came from glibc's allocator and was not freed.
    unsafe { libc::malloc_usable_size(memory) as u64 }
}

/// Counts `memory` as new, unless there is none, and passes it on.
#[inline]
unsafe fn counted(memory: *mut c_void) -> *mut c_void {
    if !memory.is_null() {
        // SAFETY: just allocated.
        thread::count(Side::C, Change::Allocated(unsafe { usable(memory) }));
    }
    memory
}

/// What the function of the C library does, given as an expression; counted if that is asked for.
macro_rules! allocate {
    ($call:expr) => {{
        // SAFETY: glibc's function takes any sizes; alignments it does not like it refuses or rounds up.
        let memory = unsafe { $call };
        if counting() {
            // SAFETY: `memory` is null or was allocated just now.
            return unsafe { counted(memory) };
        }
        memory
    }};
}

#[inline(always)]
pub unsafe fn malloc(size: usize) -> *mut c_void {
    allocate!(raw::__libc_malloc(size))
}

#[inline(always)]
pub unsafe fn calloc(count: usize, size: usize) -> *mut c_void {
    allocate!(raw::__libc_calloc(count, size))
}

#[inline(always)]
pub unsafe fn memalign(alignment: usize, size: usize) -> *mut c_void {
    allocate!(raw::__libc_memalign(alignment, size))
}

#[inline(always)]
pub unsafe fn valloc(size: usize) -> *mut c_void {
    allocate!(raw::__libc_valloc(size))
}

#[inline(always)]
pub unsafe fn pvalloc(size: usize) -> *mut c_void {
    allocate!(raw::__libc_pvalloc(size))
}

#[inline(always)]
pub unsafe fn free(memory: *mut c_void) {
    if counting() && !memory.is_null() {
        // SAFETY: `memory` is allocated: the caller frees it only now.
        thread::count(Side::C, Change::Freed(unsafe { usable(memory) }));
    }
    // SAFETY: the caller's contract is free's.
    unsafe { raw::__libc_free(memory) }
}

#[inline(always)]
pub unsafe fn realloc(memory: *mut c_void, size: usize) -> *mut c_void {
    if counting() {
        // SAFETY: the caller's contract is realloc's.
        return unsafe { realloc_counted(memory, size) };
    }
    // SAFETY: the caller's contract is realloc's.
    unsafe { raw::__libc_realloc(memory, size) }
}

unsafe fn realloc_counted(memory: *mut c_void, size: usize) -> *mut c_void {
    // SAFETY: `memory` is null or allocated, and its size is asked for before realloc may free it; `new` is null or
    // allocated after it.
    unsafe {
        let old = (!memory.is_null()).then(|| usable(memory));
        let new = raw::__libc_realloc(memory, size);
        match (old, new.is_null()) {
            (None, _) => return counted(new),
            (Some(old), false) => {
                thread::count(
                    Side::C,
                    Change::Reallocated {
                        old,
                        new: usable(new),
                    },
                );
            }
            // glibc frees what is reallocated to nothing; a failed reallocation leaves it as it was.
            (Some(old), true) if size == 0 => thread::count(Side::C, Change::Freed(old)),
            (Some(_), true) => {}
        }
        new
    }
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
