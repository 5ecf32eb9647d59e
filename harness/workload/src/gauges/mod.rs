//! Gauges: figures that the program keeps up to date in a mapped file and the harness reads at will.

mod layout;
mod map;
mod page;
mod snapshot;

pub use layout::{
    LEDGER_SLOTS, MAGIC, NAME_BYTES, NOT_KNOWN, OWN_ALLOCATOR, PHASE_SLOTS, PROGRESS_SLOTS, SIZE,
    VERSION, flags,
};
pub use snapshot::{HeapSide, Held, LedgerEntry, NotAPage, PhaseEntry, ProgressEntry, Snapshot};

pub(crate) use layout::{HeapCells, SideCells};
pub(crate) use map::{attached, in_child, leave_mark};
pub(crate) use page::PageRef;
