//! The golden files.

use std::path::PathBuf;

use plimsoll_embeddings::data::{DataSet, Generator};
use serde_json::Value;

/// Values of a golden row.
pub(crate) const DIMENSION: usize = 64;

pub(crate) fn bytes(name: &str) -> Vec<u8> {
    let path: PathBuf = [env!("CARGO_MANIFEST_DIR"), "tests/golden", name]
        .iter()
        .collect();
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

pub(crate) fn floats(name: &str) -> Vec<f32> {
    let bytes = bytes(name);
    let (values, _) = bytes.as_chunks();
    values.iter().copied().map(f32::from_le_bytes).collect()
}

pub(crate) fn expected() -> Value {
    serde_json::from_slice(&bytes("expected.json")).expect("JSON")
}

pub(crate) fn generator() -> Generator {
    Generator::new(DataSet::Default, DIMENSION, 24, 20_260_101).expect("a shape")
}
