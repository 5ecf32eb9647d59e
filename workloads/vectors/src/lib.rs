//! The `vectors` workload: building, saving, loading and querying an index of nearest neighbours (HNSW, Malkov and
//! Yashunin 2018) over vectors of many dimensions.
//!
//! A run has two steps: `build` builds an index over the prepared vectors and saves it, `query` loads it in a process of
//! its own and asks it everything. Answers hold exact distances, whoever gives them, and every run proves them.

pub mod answers;
mod baseline;
mod digest;
pub mod formats;
pub mod generate;
pub mod index;
pub mod inputs;
mod job;
pub mod measures;
pub mod params;
pub mod preflight;
mod proof;
mod quantized;
pub mod rows;
pub mod truth;
pub mod verify;
mod workload;

pub use inputs::Inputs;
pub use params::Params;
pub use rows::{Rows, RowsError};
pub use workload::Vectors;
