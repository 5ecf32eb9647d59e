//! Breadth-first search, first in, first out, of orthos that live on the heap: the state the
//! optimized searches are held against, and the same with its queue on disk.

mod expand;
mod frontier;
mod geometry;
mod in_memory;
mod interner;
mod ortho;
mod queued;
mod search;
mod word_set;

pub use in_memory::in_memory;
pub use ortho::HeapOrtho;
pub use queued::{disk_queue, queue_mmap, queue_redb, queue_sqlite};
