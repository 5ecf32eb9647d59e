//! An allocator other than the C library's, which a library brings that is loaded into the process with it.
//!
//! The program that runs on it has none of it in it: where nobody asks for another allocator nothing of it is there,
//! neither its code nor what it keeps. It serves Rust's heap and C's.
#![allow(unsafe_code)]

use std::alloc::Layout;
use std::ffi::{CStr, c_void};
use std::ptr;
use std::sync::atomic::AtomicPtr;
use std::sync::atomic::Ordering::{Acquire, Release};

use crate::env::AllocatorChoice;

/// What an allocator's library exports, under the name `plimsoll_allocator_1_` and the allocator's. The 1 is that of
/// this type: another one has another name.
///
/// Every function has the contract of the C function that it is named for, over the allocator's own memory.
#[derive(Debug, Clone, Copy)]
#[repr(C)]
pub struct Other {
    /// `malloc`.
    pub malloc: unsafe extern "C" fn(usize) -> *mut c_void,
    /// `calloc`.
    pub calloc: unsafe extern "C" fn(usize, usize) -> *mut c_void,
    /// `realloc`, to more than nothing.
    pub realloc: unsafe extern "C" fn(*mut c_void, usize) -> *mut c_void,
    /// `free`.
    pub free: unsafe extern "C" fn(*mut c_void),
    /// `aligned_alloc`, of any size: alignment, a power of two, and size.
    pub aligned: unsafe extern "C" fn(usize, usize) -> *mut c_void,
    /// `malloc_usable_size`.
    pub usable: unsafe extern "C" fn(*mut c_void) -> usize,
    /// `free` of what was allocated with this alignment and size: by `aligned` where it is not [plain](is_plain).
    pub free_sized: unsafe extern "C" fn(*mut c_void, usize, usize),
}

/// The one that serves; null where the C library's own does. Set once, before it serves anything.
static SERVES: AtomicPtr<Other> = AtomicPtr::new(ptr::null_mut());

/// What every allocator aligns blocks to that are at least as large.
const ALIGNED: usize = 16;

/// Whether `malloc` aligns as a layout wants it.
pub const fn is_plain(alignment: usize, size: usize) -> bool {
    alignment <= ALIGNED && alignment <= size
}

/// Lets an allocator serve from now on, if a library has brought it; whether one has.
pub(super) fn choose(choice: AllocatorChoice) -> bool {
    let Some(name) = name(choice) else {
        return false;
    };
    // SAFETY: the name is a C string.
    let found = unsafe { libc::dlsym(libc::RTLD_DEFAULT, name.as_ptr()) };
    SERVES.store(found.cast(), Release);
    !found.is_null()
}

/// The one that was chosen.
#[inline]
pub(super) fn serving() -> Option<&'static Other> {
    // SAFETY: null, or what a library exports under a name that stands for this type, and which stays loaded.
    unsafe { SERVES.load(Acquire).as_ref() }
}

fn name(choice: AllocatorChoice) -> Option<&'static CStr> {
    match choice {
        AllocatorChoice::System => None,
        AllocatorChoice::Mimalloc => Some(c"plimsoll_allocator_1_mimalloc"),
        AllocatorChoice::Jemalloc => Some(c"plimsoll_allocator_1_jemalloc"),
    }
}

/// For Rust's heap.
impl Other {
    // SAFETY (of all four): the contracts are those of `GlobalAlloc`; sizes are more than nothing and alignments powers
    // of two there, and memory goes back to the allocator that it came from.

    pub(super) unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: see above.
        unsafe {
            if is_plain(layout.align(), layout.size()) {
                (self.malloc)(layout.size()).cast()
            } else {
                (self.aligned)(layout.align(), layout.size()).cast()
            }
        }
    }

    pub(super) unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: see above; memory that is there is writable for its size.
        unsafe {
            if is_plain(layout.align(), layout.size()) {
                return (self.calloc)(1, layout.size()).cast();
            }
            let memory = self.alloc(layout);
            if !memory.is_null() {
                memory.write_bytes(0, layout.size());
            }
            memory
        }
    }

    pub(super) unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        // SAFETY: see above.
        unsafe { (self.free_sized)(memory.cast(), layout.align(), layout.size()) }
    }

    pub(super) unsafe fn realloc(&self, memory: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: see above; `size` with `layout`'s alignment is a valid layout by `GlobalAlloc`'s contract, and both
        // pieces are at least as large as what is copied.
        unsafe {
            if is_plain(layout.align(), size) {
                return (self.realloc)(memory.cast(), size).cast();
            }
            let new = (self.aligned)(layout.align(), size).cast::<u8>();
            if !new.is_null() {
                new.copy_from_nonoverlapping(memory, layout.size().min(size));
                self.dealloc(memory, layout);
            }
            new
        }
    }
}
