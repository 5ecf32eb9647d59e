//! Heap profiles, by dhat or sampled, condensed to their call sites.

mod frame;
mod parse;
mod sampled;
mod symbols;

pub use parse::{HeapProfileError, largest_sites, read_heap_profile};
pub use sampled::{SampledError, write_sampled};
