//! The `vectors` workload: building, saving, loading and querying an index of nearest neighbours (HNSW, Malkov and
//! Yashunin 2018) over vectors of many dimensions.

pub mod formats;
pub mod generate;
pub mod rows;
pub mod truth;

pub use rows::{Rows, RowsError};
