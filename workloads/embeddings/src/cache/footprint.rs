//! What values cost outside of the tables.

use std::sync::Arc;

use crate::pool::SharedChunk;

/// What a value of a cache costs outside of the cache's tables.
pub trait Footprint {
    /// Bytes that the process holds as long as one handle to the value is there; the same at all times.
    fn footprint(&self) -> usize;
}

impl Footprint for Arc<[u8]> {
    /// A block of malloc's: two counts and the bytes, and eight of its own, in steps of 16.
    fn footprint(&self) -> usize {
        (2 * size_of::<usize>() + self.len() + 8).next_multiple_of(16)
    }
}

impl Footprint for SharedChunk {
    /// The chunk and its share of the slab, of which no chunk is charged less than its part.
    fn footprint(&self) -> usize {
        self.held()
    }
}
