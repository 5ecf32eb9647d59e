//! An HNSW index: vectors as codes of 8 or 4 bits, linked by a graph of flat arrays.
//!
//! The graph is that of Malkov and Yashunin, *Efficient and robust approximate nearest neighbor search using
//! Hierarchical Navigable Small World graphs* (2018). What is our own: the codes are all that is held of the vectors,
//! which are read once to build and a few at a time to answer; a build gives the same bits for any number of threads
//! and any processor; and a saved index is mapped and searched where it lies.

mod account;
mod builder;
mod check;
mod coded;
mod codes;
mod columns;
mod counters;
mod encode;
mod error;
mod estimate;
mod exact;
mod file;
mod hnsw;
pub mod kernels;
mod levels;
mod links;
mod means;
mod near;
mod params;
mod pool;
mod prefetch;
mod resources;
mod searcher;
mod select;
mod stalled;
#[cfg(test)]
mod tests;
mod threads;
mod visited;
mod walk;
mod width;

pub use account::{Account, Part};
pub use builder::Builder;
pub use check::Broken;
pub use counters::{Counters, Memory};
pub use error::IndexError;
pub use estimate::{Estimate, Shape, estimate_of_query};
pub use file::{Checkpoints, Verify};
pub use hnsw::Index;
pub use means::Means;
pub use params::Params;
pub use resources::Resources;
pub use searcher::Searcher;
pub use stalled::Stalled;
pub use width::Width;
