//! The manifest of a directory of inputs: what `prepare` writes last, and every run reads first.

use std::fmt::Display;
use std::io;
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::Failure;

/// Its name in the directory.
pub const FILE: &str = "inputs.json";

fn path(directory: &Path) -> PathBuf {
    directory.join(FILE)
}

/// The manifest of `directory`.
///
/// # Errors
/// There is none, or it cannot be read or is none of this kind: [`Failure::Input`] that says to make the inputs, or to
/// make them again.
pub fn read<M: DeserializeOwned>(directory: &Path) -> Result<M, Failure> {
    let path = path(directory);
    let bytes = std::fs::read(&path).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => Failure::Input(format!(
            "no {FILE} in {}; make the inputs first",
            directory.display()
        )),
        _ => Failure::io("reading", &path, error),
    })?;
    serde_json::from_slice(&bytes).map_err(|error| damaged(&path, &error))
}

/// The failure of inputs, a file or a directory of them, that are not as they were made.
#[must_use]
pub fn damaged(path: &Path, what: &dyn Display) -> Failure {
    Failure::Input(format!(
        "{} is damaged: {what}; make the inputs again",
        path.display()
    ))
}

/// Writes the manifest of `directory`: whole, or not at all.
///
/// # Errors
/// It cannot be written.
pub fn write(directory: &Path, manifest: &impl Serialize) -> Result<(), Failure> {
    let path = path(directory);
    let unfinished = path.with_extension("unfinished");
    let written = serde_json::to_vec_pretty(manifest)
        .map_err(io::Error::from)
        .and_then(|bytes| std::fs::write(&unfinished, bytes))
        .and_then(|()| std::fs::rename(&unfinished, &path));
    written.map_err(|error| {
        // The error above says what is wrong.
        let _ = std::fs::remove_file(&unfinished);
        Failure::io("writing", &path, error)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manifest_is_read_as_it_was_written() {
        let directory = tempfile::tempdir().unwrap();
        write(directory.path(), &[1, 2]).unwrap();
        write(directory.path(), &[3]).unwrap();
        assert_eq!(read::<Vec<u8>>(directory.path()).unwrap(), [3]);
        assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 1);
    }

    #[test]
    fn what_is_missing_or_damaged_says_what_to_do() {
        let directory = tempfile::tempdir().unwrap();
        let refused = || {
            let refused = read::<Vec<u8>>(directory.path()).unwrap_err();
            assert!(matches!(refused, Failure::Input(_)), "{refused}");
            refused.to_string()
        };
        assert!(refused().contains("; make the inputs first"));
        for damaged in ["", "[1,", "{}", "[256]"] {
            std::fs::write(path(directory.path()), damaged).unwrap();
            let said = refused();
            assert!(said.contains("inputs.json is damaged: "), "{said}");
            assert!(said.ends_with("; make the inputs again"), "{said}");
        }
    }

    #[test]
    fn what_cannot_be_written_leaves_nothing() {
        let directory = tempfile::tempdir().unwrap();
        std::fs::create_dir(path(directory.path())).unwrap();
        assert!(write(directory.path(), &[1]).is_err());
        assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 1);
        assert!(write(&directory.path().join("none"), &[1]).is_err());
    }
}
