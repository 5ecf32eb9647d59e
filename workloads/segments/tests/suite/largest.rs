//! The largest block of memory that a thread has asked for, whether it got it or not.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

thread_local! {
    static LARGEST: Cell<usize> = const { Cell::new(0) };
}

/// The system's allocator, which notes sizes.
struct Noting;

#[global_allocator]
static ALLOCATOR: Noting = Noting;

/// The largest block that this thread asks for while `f` runs.
pub(crate) fn while_running(f: impl FnOnce()) -> usize {
    LARGEST.set(0);
    f();
    LARGEST.get()
}

fn note(size: usize) {
    // A thread that is ending has nothing left to note in.
    let _ = LARGEST.try_with(|largest| largest.set(largest.get().max(size)));
}

// SAFETY: every method hands its call on to the system's allocator, with the contract it was called under; noting a
// size allocates nothing.
unsafe impl GlobalAlloc for Noting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        note(layout.size());
        // SAFETY: see above, here and below.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        note(layout.size());
        // SAFETY: see above.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        note(size);
        // SAFETY: see above.
        unsafe { System.realloc(memory, layout, size) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        // SAFETY: see above.
        unsafe { System.dealloc(memory, layout) }
    }
}

#[test]
fn sizes_are_noted() {
    let largest = while_running(|| drop(Vec::<u8>::with_capacity(12_345_678)));
    assert_eq!(largest, 12_345_678);
    assert!(while_running(|| ()) < 1000);
}
