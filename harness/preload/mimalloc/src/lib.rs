//! `libplimsoll_mimalloc.so`: mimalloc, for programs that are to run on it. It stands in for nothing by itself: the
//! malloc layer in the program, or the one that is loaded in front of it, calls it where `PLIMSOLL_ALLOCATOR` says so.
#![cfg(all(target_os = "linux", target_env = "gnu"))]
#![allow(unsafe_code)]

use std::ffi::c_void;

use libmimalloc_sys as mimalloc;
use plimsoll_workload::heap::Other;

/// What the malloc layer looks for.
// SAFETY: the name is nobody else's, and stands for this type.
#[unsafe(no_mangle)]
#[allow(non_upper_case_globals, reason = "it is a name for the linker")]
pub static plimsoll_allocator_1_mimalloc: Other = Other {
    malloc: mimalloc::mi_malloc,
    calloc: mimalloc::mi_calloc,
    realloc: mimalloc::mi_realloc,
    free: mimalloc::mi_free,
    aligned,
    usable,
    free_sized,
};

// SAFETY (of all three): the contracts are those of `Other`, handed on to mimalloc.

unsafe extern "C" fn aligned(alignment: usize, size: usize) -> *mut c_void {
    // SAFETY: see above.
    unsafe { mimalloc::mi_malloc_aligned(size, alignment) }
}

unsafe extern "C" fn usable(memory: *mut c_void) -> usize {
    // SAFETY: see above.
    unsafe { mimalloc::mi_usable_size(memory) }
}

unsafe extern "C" fn free_sized(memory: *mut c_void, _alignment: usize, _size: usize) {
    // SAFETY: see above. mimalloc knows the size anyway.
    unsafe { mimalloc::mi_free(memory) }
}
