//! Heap profiles that dhat wrote, condensed to their call sites.

mod frame;
mod parse;

pub use parse::{HeapProfileError, read_heap_profile};
