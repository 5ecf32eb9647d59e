//! The workload `embeddings-pool`: equal blocks of memory, taken and given back, from the pool and from elsewhere.

mod churn;
mod job;
mod kinds;
mod measures;
mod params;
mod random;
mod space;
mod workload;

pub use params::Params as PoolParams;
pub use workload::EmbeddingsPool;
