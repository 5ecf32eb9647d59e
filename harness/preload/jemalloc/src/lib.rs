//! `libplimsoll_jemalloc.so`: jemalloc, for programs that are to run on it. It stands in for nothing by itself: the
//! malloc layer in the program, or the one that is loaded in front of it, calls it where `PLIMSOLL_ALLOCATOR` says so.
#![cfg(all(target_os = "linux", target_env = "gnu"))]
#![allow(unsafe_code)]

use std::ffi::{c_int, c_void};

use plimsoll_workload::heap::{Other, is_plain};
use tikv_jemalloc_sys as jemalloc;

/// What the malloc layer looks for.
// SAFETY: the name is nobody else's, and stands for this type.
#[unsafe(no_mangle)]
#[allow(non_upper_case_globals, reason = "it is a name for the linker")]
pub static plimsoll_allocator_1_jemalloc: Other = Other {
    malloc: jemalloc::malloc,
    calloc: jemalloc::calloc,
    realloc: jemalloc::realloc,
    free: jemalloc::free,
    aligned,
    usable,
    free_sized,
};

// SAFETY (of all three): the contracts are those of `Other`, handed on to jemalloc, which wants sizes of more than
// nothing where it is given flags.

unsafe extern "C" fn aligned(alignment: usize, size: usize) -> *mut c_void {
    // SAFETY: see above.
    unsafe { jemalloc::mallocx(size.max(1), jemalloc::MALLOCX_ALIGN(alignment)) }
}

unsafe extern "C" fn usable(memory: *mut c_void) -> usize {
    // SAFETY: see above.
    unsafe { jemalloc::malloc_usable_size(memory) }
}

unsafe extern "C" fn free_sized(memory: *mut c_void, alignment: usize, size: usize) {
    let flags: c_int = if is_plain(alignment, size) {
        0
    } else {
        jemalloc::MALLOCX_ALIGN(alignment)
    };
    // SAFETY: see above.
    unsafe { jemalloc::sdallocx(memory, size.max(1), flags) }
}
