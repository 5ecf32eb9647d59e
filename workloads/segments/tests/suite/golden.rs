//! The golden sets: where they are and which files they have.

use std::path::{Path, PathBuf};

/// All sets.
pub(crate) const SETS: [&str; 7] = [
    "bee-virus",
    "drb1",
    "lambda",
    "lpa",
    "mito",
    "synth-tiny",
    "toy",
];

/// A set's directory.
pub(crate) fn directory(set: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/golden")
        .join(set)
}

/// A set's samples in order: names and files.
pub(crate) fn samples(set: &str) -> Vec<(String, PathBuf)> {
    let mut samples: Vec<_> = std::fs::read_dir(directory(set))
        .unwrap()
        .filter_map(|entry| {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap();
            let name = name.strip_suffix(".gz").unwrap_or(name);
            let name = name.strip_suffix(".fa")?.to_owned();
            Some((name, path))
        })
        .collect();
    samples.sort();
    samples
}
