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
use super::early::EARLY;
use super::server::Server;
use super::switch::{self, C_HOOKED, COUNT, EARLY as IS_EARLY, PROFILE};
use super::system::raw;
use super::{profile, thread};

/// What there may be to do beyond calling the C library: one relaxed load and a branch where there is nothing.
enum Way {
    Straight,
    /// Allocations are sampled, and the C library serves.
    Sampled,
    Hooked,
}

#[inline(always)]
fn way() -> Way {
    let switch = switch::now();
    if switch & C_HOOKED == 0 {
        Way::Straight
    } else if switch::only_samples(switch) {
        Way::Sampled
    } else {
        Way::Hooked
    }
}

/// What there is to do, once there may be something.
fn asked() -> u16 {
    switch::settled(switch::now())
}

/// Allocates `size` bytes by `call` from who serves; counted or sampled if that is asked for. Apart from its callers, so
/// that where nothing is they are a jump into the C library.
///
/// # Safety
/// `call` gives null or memory that it has just allocated.
#[cold]
#[inline(never)]
unsafe fn allocate(size: usize, call: impl FnOnce(Server) -> *mut c_void) -> *mut c_void {
    let asked = asked();
    let server = Server::of(asked);
    let memory = call(server);
    if memory.is_null() {
        return memory;
    }
    if asked & IS_EARLY != 0 {
        EARLY.remember(memory.cast());
    }
    if asked & COUNT != 0 {
        // SAFETY: just allocated.
        let bytes = unsafe { server.usable(memory) };
        thread::count(Side::C, Change::Allocated(bytes as u64));
    }
    if asked & PROFILE != 0 {
        profile::allocated(true, memory.cast(), size);
    }
    memory
}

/// What a function of the C library does to get so many bytes, by way of [`allocate`] where that may matter.
macro_rules! allocate {
    ($size:expr, $of_glibc:ident, $function:ident($($argument:expr),+)) => {
        // SAFETY: any sizes may be asked for; alignments that are none are refused or rounded up.
        unsafe {
            match way() {
                Way::Straight => raw::$of_glibc($($argument),+),
                Way::Sampled => {
                    profile::allocate(true, $size, || raw::$of_glibc($($argument),+).cast()).cast()
                }
                Way::Hooked => allocate($size, move |server| server.$function($($argument),+)),
            }
        }
    };
}

#[inline(always)]
pub unsafe fn malloc(size: usize) -> *mut c_void {
    allocate!(size, __libc_malloc, malloc(size))
}

#[inline(always)]
pub unsafe fn calloc(count: usize, size: usize) -> *mut c_void {
    allocate!(count.wrapping_mul(size), __libc_calloc, calloc(count, size))
}

#[inline(always)]
pub unsafe fn memalign(alignment: usize, size: usize) -> *mut c_void {
    allocate!(size, __libc_memalign, memalign(alignment, size))
}

#[inline(always)]
pub unsafe fn valloc(size: usize) -> *mut c_void {
    allocate!(size, __libc_valloc, valloc(size))
}

#[inline(always)]
pub unsafe fn pvalloc(size: usize) -> *mut c_void {
    allocate!(size, __libc_pvalloc, pvalloc(size))
}

#[inline(always)]
pub unsafe fn free(memory: *mut c_void) {
    // SAFETY: the caller's contract is free's.
    unsafe {
        match way() {
            Way::Straight => raw::__libc_free(memory),
            Way::Sampled => {
                if profile::may_be_sampled(memory.cast()) {
                    return free_sampled(memory);
                }
                raw::__libc_free(memory)
            }
            Way::Hooked => free_hooked(memory),
        }
    }
}

#[cold]
#[inline(never)]
unsafe fn free_sampled(memory: *mut c_void) {
    profile::freeing(memory.cast());
    // SAFETY: the caller's contract is free's.
    unsafe { raw::__libc_free(memory) }
}

#[cold]
#[inline(never)]
unsafe fn free_hooked(memory: *mut c_void) {
    if memory.is_null() {
        return;
    }
    let asked = asked();
    let server = Server::of_block(asked, memory);
    if asked & COUNT != 0 {
        // SAFETY: `memory` is allocated: the caller frees it only now.
        let bytes = unsafe { server.usable(memory) };
        thread::count(Side::C, Change::Freed(bytes as u64));
    }
    if asked & PROFILE != 0 {
        profile::freeing(memory.cast());
    }
    // SAFETY: the caller's contract is free's.
    unsafe { server.free(memory) }
}

#[inline(always)]
pub unsafe fn realloc(memory: *mut c_void, size: usize) -> *mut c_void {
    // SAFETY: the caller's contract is realloc's.
    unsafe {
        match way() {
            Way::Straight => raw::__libc_realloc(memory, size),
            Way::Sampled | Way::Hooked => realloc_hooked(memory, size),
        }
    }
}

/// glibc frees what is reallocated to nothing, and so do we, whoever serves.
#[cold]
#[inline(never)]
unsafe fn realloc_hooked(memory: *mut c_void, size: usize) -> *mut c_void {
    // SAFETY: the caller's contract is realloc's: `memory` is null or allocated, and its size is asked for before
    // realloc may free it; `new` is null or allocated after it.
    unsafe {
        if memory.is_null() {
            return allocate(size, move |server| server.malloc(size));
        }
        if size == 0 {
            free_hooked(memory);
            return ptr::null_mut();
        }
        let asked = asked();
        let (server, next) = (Server::of_block(asked, memory), Server::of(asked));
        let old = (asked & COUNT != 0).then(|| server.usable(memory) as u64);
        let call = || server.realloc(memory, size, next);
        let new = if asked & PROFILE != 0 {
            profile::resized(true, memory.cast(), size, || call().cast()).cast()
        } else {
            call()
        };
        if new.is_null() {
            return new;
        }
        if asked & IS_EARLY != 0 {
            EARLY.forget(memory.cast());
            EARLY.remember(new.cast());
        }
        if let Some(old) = old {
            let new = next.usable(new) as u64;
            thread::count(Side::C, Change::Reallocated { old, new });
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

pub unsafe fn malloc_usable_size(memory: *mut c_void) -> usize {
    let server = match way() {
        Way::Straight | Way::Sampled => Server::Glibc,
        Way::Hooked => Server::of_block(asked(), memory),
    };
    // SAFETY: the caller's contract is glibc's.
    unsafe { server.usable(memory) }
}
