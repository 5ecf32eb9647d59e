//! What can be wrong with a FASTA file.

use std::io;
use std::path::{Path, PathBuf};

use plimsoll_workload::Failure;

/// A file cannot be read as FASTA.
#[derive(Debug, thiserror::Error)]
pub enum InputError {
    /// The operating system refuses.
    #[error("reading {}: {source}; check that the file is there and may be read", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What it says.
        source: io::Error,
    },
    /// Directories hold no records.
    #[error("{} is a directory; name the FASTA files in it, one sample each", path.display())]
    Directory {
        /// The directory.
        path: PathBuf,
    },
    /// The file begins like gzip and does not go on so.
    #[error("{} is damaged as a gzip file: {source}; fetch it again, or decompress it by hand to see how far it goes", path.display())]
    Gzip {
        /// The file.
        path: PathBuf,
        /// What the decoder says.
        source: io::Error,
    },
    /// Nothing says which record these bases belong to.
    #[error("{}: line {line} is sequence before the first header; a FASTA record begins with a line that starts with `>`", path.display())]
    Headless {
        /// The file.
        path: PathBuf,
        /// The line, counted from 1.
        line: u64,
    },
    /// What begins with `>` does not end.
    #[error("{}: line {line} is a header of more than a mebibyte; this is not a FASTA file, or its line ends are lost", path.display())]
    Header {
        /// The file.
        path: PathBuf,
        /// The line, counted from 1.
        line: u64,
    },
    /// What was read is neither the old file nor the new one.
    #[error("{} changed while it was read; start again once nothing writes to it", path.display())]
    Changed {
        /// The file.
        path: PathBuf,
    },
}

impl InputError {
    /// The same, told of another file: the one that this is a copy of.
    #[must_use]
    pub fn told_of(mut self, file: &Path) -> Self {
        let (Self::Read { path, .. }
        | Self::Directory { path }
        | Self::Gzip { path, .. }
        | Self::Headless { path, .. }
        | Self::Header { path, .. }
        | Self::Changed { path }) = &mut self;
        *path = file.into();
        self
    }
}

impl From<InputError> for Failure {
    fn from(error: InputError) -> Self {
        Self::Input(error.to_string())
    }
}

/// A scan ended early.
#[derive(Debug, thiserror::Error)]
pub enum ScanError<E> {
    /// The file cannot be read as FASTA.
    #[error(transparent)]
    Input(#[from] InputError),
    /// The sink did not take what was read.
    #[error("{0}")]
    Sink(E),
}

impl<E: Into<Failure>> From<ScanError<E>> for Failure {
    fn from(error: ScanError<E>) -> Self {
        match error {
            ScanError::Input(error) => error.into(),
            ScanError::Sink(error) => error.into(),
        }
    }
}
