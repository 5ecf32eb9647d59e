//! The C library's allocator, called past the malloc layer, so that Rust's allocations are not counted as C's.
#![allow(unsafe_code)]

#[cfg(all(
    target_os = "linux",
    target_env = "gnu",
    not(target_feature = "crt-static")
))]
pub(super) use glibc::{alloc, alloc_zeroed, dealloc, prepare, raw, realloc, usable};

#[cfg(not(all(
    target_os = "linux",
    target_env = "gnu",
    not(target_feature = "crt-static")
)))]
pub(super) use other::{alloc, alloc_zeroed, dealloc, prepare, realloc};

#[cfg(all(
    target_os = "linux",
    target_env = "gnu",
    not(target_feature = "crt-static")
))]
mod glibc {
    use std::alloc::Layout;
    use std::ffi::c_void;
    use std::mem;
    use std::ptr;
    use std::sync::atomic::AtomicPtr;
    use std::sync::atomic::Ordering::Relaxed;

    /// What glibc exports under these names, besides the ones that may be replaced.
    pub(in super::super) mod raw {
        use std::ffi::c_void;

        unsafe extern "C" {
            pub(in super::super::super) fn __libc_malloc(size: usize) -> *mut c_void;
            pub(in super::super::super) fn __libc_calloc(count: usize, size: usize) -> *mut c_void;
            pub(in super::super::super) fn __libc_realloc(
                memory: *mut c_void,
                size: usize,
            ) -> *mut c_void;
            pub(in super::super::super) fn __libc_free(memory: *mut c_void);
            pub(in super::super::super) fn __libc_memalign(
                alignment: usize,
                size: usize,
            ) -> *mut c_void;
            pub(in super::super::super) fn __libc_valloc(size: usize) -> *mut c_void;
            pub(in super::super::super) fn __libc_pvalloc(size: usize) -> *mut c_void;
        }
    }
    use raw::{__libc_calloc, __libc_free, __libc_malloc, __libc_memalign, __libc_realloc};

    type Usable = unsafe extern "C" fn(*mut c_void) -> usize;

    /// glibc's own `malloc_usable_size`, for which it has no second name; null until it is looked for.
    static USABLE: AtomicPtr<c_void> = AtomicPtr::new(ptr::null_mut());

    fn found() -> Option<Usable> {
        let mut found = USABLE.load(Relaxed);
        if found.is_null() {
            // SAFETY: the name is a C string. Nothing is allocated where the name is found.
            found = unsafe { libc::dlsym(libc::RTLD_NEXT, c"malloc_usable_size".as_ptr()) };
            USABLE.store(found, Relaxed);
        }
        // SAFETY: glibc's function of that name has this signature.
        (!found.is_null()).then(|| unsafe { mem::transmute::<*mut c_void, Usable>(found) })
    }

    /// Looks for what counting the C heap needs; whether it is there.
    pub(in super::super) fn prepare() -> bool {
        found().is_some()
    }

    /// The bytes that glibc gave for `memory`; 0 for null.
    ///
    /// # Safety
    /// `memory` is null, or came from glibc's allocator and was not freed.
    #[inline]
    pub(in super::super) unsafe fn usable(memory: *mut c_void) -> usize {
        // SAFETY: the caller's contract is glibc's.
        found().map_or(0, |usable| unsafe { usable(memory) })
    }

    /// glibc's MALLOC_ALIGNMENT: what malloc's memory is aligned to at the least.
    const ALIGNED: usize = 2 * size_of::<usize>();

    // SAFETY (of all four): the contracts are those of `GlobalAlloc`; glibc's functions take any size and every
    // alignment that is a power of two, as a `Layout`'s is, and give null where there is no memory.

    #[inline(always)]
    pub(in super::super) unsafe fn alloc(layout: Layout) -> *mut u8 {
        // SAFETY: see above.
        unsafe {
            if layout.align() <= ALIGNED {
                __libc_malloc(layout.size()).cast()
            } else {
                aligned(layout.size(), layout.align())
            }
        }
    }

    /// Allocates what is to be aligned to more than malloc aligns to. Apart, as the other two of its kind are, so that what
    /// is not needs no frame on the stack.
    #[cold]
    #[inline(never)]
    unsafe fn aligned(size: usize, align: usize) -> *mut u8 {
        // SAFETY: see above.
        unsafe { __libc_memalign(align, size).cast() }
    }

    #[inline(always)]
    pub(in super::super) unsafe fn alloc_zeroed(layout: Layout) -> *mut u8 {
        // SAFETY: see above.
        unsafe {
            if layout.align() <= ALIGNED {
                __libc_calloc(layout.size(), 1).cast()
            } else {
                zeroed_aligned(layout.size(), layout.align())
            }
        }
    }

    /// As [`aligned`] is.
    #[cold]
    #[inline(never)]
    unsafe fn zeroed_aligned(size: usize, align: usize) -> *mut u8 {
        // SAFETY: see above; memory that is there is writable for its size.
        unsafe {
            let memory = aligned(size, align);
            if !memory.is_null() {
                memory.write_bytes(0, size);
            }
            memory
        }
    }

    #[inline(always)]
    pub(in super::super) unsafe fn dealloc(memory: *mut u8, _layout: Layout) {
        // SAFETY: see above; `memory` is one of the functions' here.
        unsafe { __libc_free(memory.cast()) }
    }

    #[inline(always)]
    pub(in super::super) unsafe fn realloc(
        memory: *mut u8,
        layout: Layout,
        size: usize,
    ) -> *mut u8 {
        // SAFETY: see above.
        unsafe {
            if layout.align() <= ALIGNED {
                __libc_realloc(memory.cast(), size).cast()
            } else {
                realloc_aligned(memory, layout, size)
            }
        }
    }

    /// As [`aligned`] is. The C library has no function that keeps an alignment.
    #[cold]
    #[inline(never)]
    unsafe fn realloc_aligned(memory: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: see above; `size` with `layout`'s alignment is a valid layout by `GlobalAlloc`'s contract, and both
        // pieces are at least as large as what is copied.
        unsafe {
            let new = aligned(size, layout.align());
            if !new.is_null() {
                new.copy_from_nonoverlapping(memory, layout.size().min(size));
                dealloc(memory, layout);
            }
            new
        }
    }
}

#[cfg(not(all(
    target_os = "linux",
    target_env = "gnu",
    not(target_feature = "crt-static")
)))]
mod other {
    use std::alloc::{GlobalAlloc, Layout, System};

    /// There is no C heap to be counted.
    pub(in super::super) fn prepare() -> bool {
        false
    }

    // SAFETY (of all four): the contracts are those of `GlobalAlloc`, handed on to `System`.

    pub(in super::super) unsafe fn alloc(layout: Layout) -> *mut u8 {
        // SAFETY: see above.
        unsafe { System.alloc(layout) }
    }

    pub(in super::super) unsafe fn alloc_zeroed(layout: Layout) -> *mut u8 {
        // SAFETY: see above.
        unsafe { System.alloc_zeroed(layout) }
    }

    pub(in super::super) unsafe fn dealloc(memory: *mut u8, layout: Layout) {
        // SAFETY: see above.
        unsafe { System.dealloc(memory, layout) }
    }

    pub(in super::super) unsafe fn realloc(
        memory: *mut u8,
        layout: Layout,
        size: usize,
    ) -> *mut u8 {
        // SAFETY: see above.
        unsafe { System.realloc(memory, layout, size) }
    }
}
