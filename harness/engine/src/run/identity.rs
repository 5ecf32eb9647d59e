//! Outputs: hashed, and the ones worth looking at later kept within bounds.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use super::error::RunError;

/// Bytes of outputs that a session keeps for showing differences.
const KEPT: u64 = 1 << 30;
/// Different outputs of one variant that are kept: the first, and one that differs from it.
const KEPT_OF_ONE: usize = 2;

/// What a session keeps of its variants' outputs.
#[derive(Debug)]
pub(crate) struct Keeper {
    room: u64,
    /// Digests and files by variant.
    kept: Vec<Vec<(String, PathBuf)>>,
}

impl Keeper {
    pub(crate) fn new(variants: usize) -> Self {
        Keeper {
            room: KEPT,
            kept: vec![Vec::new(); variants],
        }
    }

    /// Keeps an output under a second name below `directory`, unless one like it is kept or there is no
    /// room; where the kept one is.
    pub(crate) fn keep(
        &mut self,
        variant: usize,
        digest: &str,
        output: &Path,
        directory: &Path,
    ) -> Option<PathBuf> {
        let kept = self.kept.get_mut(variant)?;
        if let Some((_, file)) = kept.iter().find(|(known, _)| known == digest) {
            return Some(file.clone());
        }
        let length = fs::metadata(output).ok()?.len();
        if kept.len() >= KEPT_OF_ONE || length > self.room {
            return None;
        }
        let file = directory.join(format!("output-{variant}-{}", kept.len()));
        // A second name, not another place: what runs after the trial still finds the output.
        fs::hard_link(output, &file).ok()?;
        self.room -= length;
        kept.push((digest.to_owned(), file.clone()));
        Some(file)
    }
}

/// `blake3:` of a file.
pub(crate) fn digest(file: &Path) -> Result<String, RunError> {
    let hash = || -> io::Result<blake3::Hash> {
        let mut hasher = blake3::Hasher::new();
        io::copy(&mut File::open(file)?, &mut hasher)?;
        Ok(hasher.finalize())
    };
    let hash = hash().map_err(|source| RunError::File {
        doing: "hashing",
        path: file.to_owned(),
        source,
    })?;
    Ok(format!("blake3:{}", hash.to_hex()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_output_and_one_that_differs_are_kept() {
        let dir = tempfile::tempdir().unwrap();
        let mut keeper = Keeper::new(1);
        let mut keep = |content: &str| {
            // Each trial has a directory of its own, and so an output of its own.
            let output = dir.path().join(content);
            fs::write(&output, content).unwrap();
            let digest = digest(&output).unwrap();
            keeper.keep(0, &digest, &output, dir.path())
        };
        let first = keep("a").unwrap();
        assert_eq!(keep("a"), Some(first.clone()));
        let second = keep("b").unwrap();
        assert_eq!(keep("c"), None);
        assert_eq!(fs::read_to_string(first).unwrap(), "a");
        assert_eq!(fs::read_to_string(second).unwrap(), "b");
    }

    #[test]
    fn what_does_not_fit_is_not_kept() {
        let dir = tempfile::tempdir().unwrap();
        let output = dir.path().join("out");
        fs::write(&output, "four").unwrap();
        let mut keeper = Keeper::new(1);
        keeper.room = 3;
        assert_eq!(keeper.keep(0, "blake3:x", &output, dir.path()), None);
        assert!(output.exists());
    }

    #[test]
    fn the_digest_is_blake3s() {
        let dir = tempfile::tempdir().unwrap();
        let empty = dir.path().join("empty");
        File::create(&empty).unwrap();
        // The test vector of the BLAKE3 specification for no input.
        assert_eq!(
            digest(&empty).unwrap(),
            "blake3:af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262"
        );
    }
}
