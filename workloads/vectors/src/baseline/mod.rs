//! `hnsw-rs`: the program that is retold, over the crate hnsw_rs. All vectors are in memory, as a vector each, for as
//! long as there is an index; the index has a copy of each; and chunks of them are cloned to be inserted. Nothing is checked beforehand: what it takes is
//! estimated, for who reads the result, and nobody asks whether that is there.

mod build;
mod estimate;
mod query;

use crate::job::Steps;

pub(crate) const STEPS: Steps = Steps {
    build: build::build,
    query: query::query,
};

/// What the names of the index's two files begin with.
const NAME: &str = "baseline";
