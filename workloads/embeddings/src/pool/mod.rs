//! A pool of equal chunks of memory: for values of a cache, and for buffers that rows are decoded into.
//!
//! Chunks are cut from slabs of some 1 MiB that are mapped by themselves, lie at multiples of 64 bytes, and have no headers
//! between them. Each thread keeps a few free ones in a list of its own, which it enters without locks or locked instructions;
//! what is too much for it goes to a list that all share.

mod bits;
mod error;
mod options;
mod raw;
mod slabs;
mod stats;

pub use error::PoolError;
pub use options::PoolOptions;
pub use raw::{Chunk, Pool, SharedChunk};
pub use stats::PoolStats;
