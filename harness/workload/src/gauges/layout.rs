//! The gauge page, byte for byte: what `docs/protocol.md` describes, as a type.
//!
//! Every field is an atomic in native byte order, and all zeros is a valid page: that of a program that has not
//! said anything yet.

use std::sync::atomic::{AtomicI64, AtomicU8, AtomicU32, AtomicU64};

/// First eight bytes of a page in use.
pub const MAGIC: u64 = u64::from_le_bytes(*b"PLIMSOLL");
/// Version of this layout.
pub const VERSION: u32 = 1;
/// Size of the file.
pub const SIZE: usize = 16 * 1024;
/// Bytes of a name; longer ones are cut at a character.
pub const NAME_BYTES: usize = 60;
/// Kinds of progress that fit.
pub const PROGRESS_SLOTS: usize = 8;
/// Ledger components that fit.
pub const LEDGER_SLOTS: usize = 32;
/// Differently named phases that fit.
pub const PHASE_SLOTS: usize = 64;
/// What the name of the mark begins with that a process leaves in the directory of pages, in front of its id, where
/// its allocations go to an allocator of its own.
pub const OWN_ALLOCATOR: &str = "own-allocator-";
/// A total that is not known.
pub const NOT_KNOWN: u64 = u64::MAX;

/// Bits of the page's `flags`.
pub mod flags {
    use crate::env::AllocatorChoice;

    /// Rust's heap is counted.
    pub const RUST_COUNTED: u32 = 1;
    /// The C heap is counted.
    pub const C_COUNTED: u32 = 2;
    /// Rust's heap is served by malloc, so that `held` covers it too.
    pub const RUST_IN_MALLOC: u32 = 4;
    /// mimalloc serves both heaps.
    pub const MIMALLOC: u32 = 8;
    /// jemalloc serves both heaps.
    pub const JEMALLOC: u32 = 16;
    /// The process has ended by itself, and its last thread has handed in all that it counted.
    pub const CONCLUDED: u32 = 32;
    /// A thread has made more calls than are handed in one by one.
    pub const HOLDS_BACK: u32 = 64;
    /// An earlier program of this process held calls back, and became the next one without handing them in.
    pub const LOST: u32 = 128;

    /// The bit of an allocator; none for the C library's.
    pub(crate) const fn of(allocator: AllocatorChoice) -> u32 {
        match allocator {
            AllocatorChoice::System => 0,
            AllocatorChoice::Mimalloc => MIMALLOC,
            AllocatorChoice::Jemalloc => JEMALLOC,
        }
    }
}

/// A name, written once: `length` is stored last (release) and says that `bytes` are there.
#[repr(C)]
pub(crate) struct Name {
    pub(crate) length: AtomicU32,
    pub(crate) bytes: [AtomicU8; NAME_BYTES],
}

/// One kind of progress.
#[repr(C)]
pub(crate) struct ProgressCells {
    pub(crate) unit: Name,
    pub(crate) done: AtomicU64,
    /// Units in all, or [`NOT_KNOWN`].
    pub(crate) total: AtomicU64,
}

/// One ledger component.
#[repr(C)]
pub(crate) struct LedgerCells {
    pub(crate) component: Name,
    /// Bytes held; below zero only for a moment, or when the program takes away more than it added.
    pub(crate) bytes: AtomicI64,
}

/// One phase name.
#[repr(C)]
pub(crate) struct PhaseCells {
    pub(crate) name: Name,
    /// The highest VmHWM at an end of the phase, bytes; 0 where it was not read.
    pub(crate) peak: AtomicU64,
    /// How often the phase has begun.
    pub(crate) begun: AtomicU64,
}

/// One side of the heap. Figures lag behind by what threads have not handed in yet.
#[repr(C)]
pub(crate) struct SideCells {
    pub(crate) live: AtomicI64,
    pub(crate) peak: AtomicU64,
    pub(crate) total: AtomicU64,
    pub(crate) calls: AtomicU64,
}

/// The heap as counted inside the program.
#[repr(C)]
pub(crate) struct HeapCells {
    pub(crate) rust: SideCells,
    pub(crate) c: SideCells,
    /// Peak of both sides together.
    pub(crate) peak: AtomicU64,
    /// Bytes by which each thread may lag behind, a side.
    pub(crate) lag: AtomicU64,
    /// Threads that count now.
    pub(crate) threads: AtomicU64,
    /// Bytes that malloc holds from the system.
    pub(crate) held: AtomicU64,
    /// Bytes that malloc has handed out, by its own account: chunk headers and rounding included.
    pub(crate) used: AtomicU64,
    /// When `held` and `used` were read, CLOCK_MONOTONIC nanoseconds; 0 for never.
    pub(crate) held_at: AtomicU64,
}

/// The whole page.
#[repr(C)]
pub(crate) struct Page {
    pub(crate) magic: AtomicU64,
    pub(crate) version: AtomicU32,
    /// Process that writes the page: the first that maps it.
    pub(crate) writer: AtomicU32,
    pub(crate) flags: AtomicU32,
    /// 1 plus the slot of the progress announced last; 0 for none.
    pub(crate) progress_now: AtomicU32,
    /// 1 plus the slot of the phase that runs; 0 for none.
    pub(crate) phase_now: AtomicU32,
    /// Differently named progress, components and phases that found no slot.
    pub(crate) left_out: AtomicU32,
    /// The highest VmHWM that was read before it was reset, bytes; 0 without resets.
    pub(crate) resident_peak: AtomicU64,
    pub(crate) heap: HeapCells,
    pub(crate) progress: [ProgressCells; PROGRESS_SLOTS],
    pub(crate) ledger: [LedgerCells; LEDGER_SLOTS],
    pub(crate) phases: [PhaseCells; PHASE_SLOTS],
    /// Tells one program of a process from the next, which begins with a heap of its own.
    pub(crate) image: AtomicU64,
}

const _: () = assert!(size_of::<Page>() <= SIZE && align_of::<Page>() == 8);

/// Where the fields lie, for the reader, which trusts no bytes and so never sees them as a [`Page`].
pub(super) mod at {
    use super::{HeapCells, LedgerCells, Name, Page, PhaseCells, ProgressCells, SideCells};
    use std::mem::offset_of;

    pub(in super::super) const MAGIC: usize = offset_of!(Page, magic);
    pub(in super::super) const VERSION: usize = offset_of!(Page, version);
    pub(in super::super) const WRITER: usize = offset_of!(Page, writer);
    pub(in super::super) const FLAGS: usize = offset_of!(Page, flags);
    pub(in super::super) const PROGRESS_NOW: usize = offset_of!(Page, progress_now);
    pub(in super::super) const PHASE_NOW: usize = offset_of!(Page, phase_now);
    pub(in super::super) const LEFT_OUT: usize = offset_of!(Page, left_out);
    pub(in super::super) const RESIDENT_PEAK: usize = offset_of!(Page, resident_peak);
    pub(in super::super) const RUST: usize = offset_of!(Page, heap.rust);
    pub(in super::super) const C: usize = offset_of!(Page, heap.c);
    pub(in super::super) const SIDE_LIVE: usize = offset_of!(SideCells, live);
    pub(in super::super) const SIDE_PEAK: usize = offset_of!(SideCells, peak);
    pub(in super::super) const SIDE_TOTAL: usize = offset_of!(SideCells, total);
    pub(in super::super) const SIDE_CALLS: usize = offset_of!(SideCells, calls);
    pub(in super::super) const HEAP: usize = offset_of!(Page, heap);
    pub(in super::super) const HEAP_PEAK: usize = HEAP + offset_of!(HeapCells, peak);
    pub(in super::super) const HEAP_LAG: usize = HEAP + offset_of!(HeapCells, lag);
    pub(in super::super) const HEAP_THREADS: usize = HEAP + offset_of!(HeapCells, threads);
    pub(in super::super) const HELD: usize = HEAP + offset_of!(HeapCells, held);
    pub(in super::super) const USED: usize = HEAP + offset_of!(HeapCells, used);
    pub(in super::super) const HELD_AT: usize = HEAP + offset_of!(HeapCells, held_at);
    pub(in super::super) const PROGRESS: usize = offset_of!(Page, progress);
    pub(in super::super) const PROGRESS_SIZE: usize = size_of::<ProgressCells>();
    pub(in super::super) const PROGRESS_DONE: usize = offset_of!(ProgressCells, done);
    pub(in super::super) const PROGRESS_TOTAL: usize = offset_of!(ProgressCells, total);
    pub(in super::super) const LEDGER: usize = offset_of!(Page, ledger);
    pub(in super::super) const LEDGER_SIZE: usize = size_of::<LedgerCells>();
    pub(in super::super) const LEDGER_BYTES: usize = offset_of!(LedgerCells, bytes);
    pub(in super::super) const PHASES: usize = offset_of!(Page, phases);
    pub(in super::super) const PHASE_SIZE: usize = size_of::<PhaseCells>();
    pub(in super::super) const PHASE_PEAK: usize = offset_of!(PhaseCells, peak);
    pub(in super::super) const PHASE_BEGUN: usize = offset_of!(PhaseCells, begun);
    #[cfg(test)]
    pub(in super::super) const IMAGE: usize = offset_of!(Page, image);
    pub(in super::super) const NAME_TEXT: usize = offset_of!(Name, bytes);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The page as `docs/protocol.md` tells it: the tables there and the type here say the same.
    #[test]
    fn the_documented_layout_is_the_real_one() {
        let document = std::fs::read_to_string(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../docs/protocol.md"
        ))
        .unwrap();
        let rows = [
            (at::MAGIC, 8, "magic"),
            (at::VERSION, 4, "version"),
            (at::WRITER, 4, "writer"),
            (at::FLAGS, 4, "flags"),
            (at::PROGRESS_NOW, 4, "progress_now"),
            (at::PHASE_NOW, 4, "phase_now"),
            (at::LEFT_OUT, 4, "left_out"),
            (at::RESIDENT_PEAK, 8, "resident_peak"),
            (at::RUST, size_of::<SideCells>(), "rust"),
            (at::C, size_of::<SideCells>(), "c"),
            (at::HEAP_PEAK, 8, "heap_peak"),
            (at::HEAP_LAG, 8, "heap_lag"),
            (at::HEAP_THREADS, 8, "heap_threads"),
            (at::HELD, 8, "held"),
            (at::USED, 8, "used"),
            (at::HELD_AT, 8, "held_at"),
            (at::PROGRESS, at::PROGRESS_SIZE * PROGRESS_SLOTS, "progress"),
            (at::LEDGER, at::LEDGER_SIZE * LEDGER_SLOTS, "ledger"),
            (at::PHASES, at::PHASE_SIZE * PHASE_SLOTS, "phases"),
            (at::IMAGE, 8, "image"),
            (at::SIDE_LIVE, 8, "live"),
            (at::SIDE_PEAK, 8, "peak"),
            (at::SIDE_TOTAL, 8, "total"),
            (at::SIDE_CALLS, 8, "calls"),
            (at::PROGRESS_DONE, 8, "done"),
            (at::PROGRESS_TOTAL, 8, "total"),
            (at::LEDGER_BYTES, 8, "bytes"),
            (at::PHASE_PEAK, 8, "peak"),
            (at::PHASE_BEGUN, 8, "begun"),
            (at::NAME_TEXT, NAME_BYTES, "text"),
        ];
        for (offset, size, field) in rows {
            let row = format!("| {offset} | {size} | `{field}` |");
            assert!(
                document.contains(&row),
                "docs/protocol.md lacks the row {row}"
            );
        }
    }
}
