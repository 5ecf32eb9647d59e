//! Golden data: vectors, queries, and the ten nearest of each query by an independent implementation.

use std::path::PathBuf;

/// A file of the golden data.
pub(crate) fn file(name: &str) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "tests", "data", name]
        .iter()
        .collect()
}
