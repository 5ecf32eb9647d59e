//! The `embeddings` workload: a store of many vectors that fits in memory, survives and answers.
//!
//! A program keeps each of its embeddings as a vector of its own in a hash map, and reads all of them at start. The memory of
//! ten million is then what ten million times four bytes a dimension take, and more. Here the same vectors lie in a mapped file
//! of fixed records, as they are or [encoded](Encoding) in fewer bytes, behind a cache with a budget in bytes, and are
//! searched by their codes.

mod account;
mod answers;
pub mod cache;
mod caches;
mod cell;
pub mod codec;
pub mod data;
mod encoding;
mod failure;
mod heap_map;
mod inputs;
mod job;
pub mod lazy;
mod measures;
mod params;
pub mod pool;
mod pools;
pub mod search;
mod simd;
pub mod store;
mod stored;
mod verify;
mod workload;

pub use caches::{CacheParams, EmbeddingsCache};
pub use codec::{Codec, CodecError, RowProblem, Scorer};
pub use encoding::Encoding;
pub use params::Params;
pub use pools::{EmbeddingsPool, PoolParams};
pub use simd::Simd;
pub use workload::Embeddings;
