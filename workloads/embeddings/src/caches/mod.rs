//! The workload `embeddings-cache`: a trace of reads through a cache, by several policies.

mod budget;
mod hot;
mod job;
mod kinds;
mod measures;
mod params;
mod reader;
mod steady;
mod values;
mod workload;

pub use params::Params as CacheParams;
pub use workload::EmbeddingsCache;
