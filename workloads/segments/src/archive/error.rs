//! Why an archive cannot be read.

use std::io;
use std::path::{Path, PathBuf};

use crate::damage::Damage;

/// Why an archive cannot be read: which file, what is wrong, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The file cannot be read at all.
    #[error("reading the archive {}: {error}{}", path.display(), remedy(error))]
    Io {
        /// The archive.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// The file is something else.
    #[error("{} is not an archive of segments: {found}; name a file that was written as one", path.display())]
    NotAnArchive {
        /// The file.
        path: PathBuf,
        /// What it is instead.
        found: String,
    },
    /// The file is not what was written.
    #[error("the archive {} is damaged: {damage}; copy it again from where it is whole, or make it again from its genomes", path.display())]
    Damaged {
        /// The archive.
        path: PathBuf,
        /// What is wrong, and where.
        damage: Damage,
    },
}

impl ReadError {
    pub(super) fn io(path: &Path, error: io::Error) -> Self {
        let path = path.to_owned();
        if error.kind() == io::ErrorKind::UnexpectedEof {
            let damage = Damage::new("it became shorter while it was read");
            return Self::Damaged { path, damage };
        }
        Self::Io { path, error }
    }

    pub(super) fn not_an_archive(path: &Path, found: impl Into<String>) -> Self {
        Self::NotAnArchive {
            path: path.to_owned(),
            found: found.into(),
        }
    }

    pub(super) fn damaged(path: &Path, damage: Damage) -> Self {
        Self::Damaged {
            path: path.to_owned(),
            damage,
        }
    }
}

fn remedy(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::NotFound => "; check its name, or make it first",
        io::ErrorKind::PermissionDenied => "; check its permissions",
        _ => "; copy it to another disk and try again",
    }
}

/// Why an archive was not decompressed.
#[derive(Debug, thiserror::Error)]
pub enum DecompressError<E> {
    /// The archive.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// Whoever takes the records.
    #[error("{0}")]
    Sink(E),
}
