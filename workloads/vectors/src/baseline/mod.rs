//! `hnsw-rs`: the program that is retold, over the crate hnsw_rs. All vectors are in memory, as a vector each, for as
//! long as there is an index; the index has a copy of each; and chunks of them are cloned to be inserted. Nothing is estimated or checked beforehand.

mod build;
mod query;

use crate::job::Steps;

pub(crate) const STEPS: Steps = Steps {
    build: build::build,
    query: query::query,
};

/// What the names of the index's two files begin with.
const NAME: &str = "baseline";
