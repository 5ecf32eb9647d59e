//! The largest block of memory that a thread has asked for, whether it got it or not, and the most it held at once.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

thread_local! {
    static LARGEST: Cell<usize> = const { Cell::new(0) };
    /// Bytes held now and at most; what another thread gives back is never counted back.
    static HELD: Cell<(usize, usize)> = const { Cell::new((0, 0)) };
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

/// The most bytes that this thread holds at once while `f` runs, beyond those before.
pub(crate) fn held_while_running(f: impl FnOnce()) -> usize {
    let (before, _) = HELD.get();
    HELD.set((before, before));
    f();
    HELD.get().1 - before
}

/// Counts memory that replaces other memory.
fn hold(new: usize, old: usize) {
    let _ = HELD.try_with(|held| {
        let (now, most) = held.get();
        let now = (now + new).saturating_sub(old);
        held.set((now, most.max(now)));
    });
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
        hold(layout.size(), 0);
        // SAFETY: see above, here and below.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        note(layout.size());
        hold(layout.size(), 0);
        // SAFETY: see above.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        note(size);
        hold(size, layout.size());
        // SAFETY: see above.
        unsafe { System.realloc(memory, layout, size) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        hold(0, layout.size());
        // SAFETY: see above.
        unsafe { System.dealloc(memory, layout) }
    }
}

#[test]
fn sizes_are_noted() {
    let largest = while_running(|| drop(Vec::<u8>::with_capacity(12_345_678)));
    assert_eq!(largest, 12_345_678);
    assert!(while_running(|| ()) < 1000);
    let held = held_while_running(|| {
        drop(vec![0_u8; 1_000_000]);
        drop((vec![0_u8; 2_000_000], Vec::<u8>::with_capacity(500_000)));
    });
    assert_eq!(held, 2_500_000);
}
