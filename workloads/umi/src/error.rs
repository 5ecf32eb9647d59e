//! What can be wrong with a file, each with its place and what to do.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use plimsoll_workload::Failure;

use crate::bam::{HeaderProblem, RecordProblem};
use crate::bgzf::BlockProblem;

/// Why a file could not be grouped.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Reading failed.
    #[error("reading {}: {error}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// Writing failed, or there is too little memory.
    #[error("{0}")]
    Failed(Failure),
    /// A block of BGZF is damaged.
    #[error("{}, block at byte {at}: {problem}; get the file anew", path.display())]
    Block {
        /// The file.
        path: PathBuf,
        /// Where the block begins.
        at: u64,
        /// What is wrong.
        problem: BlockProblem,
    },
    /// The header is not one of a file that can be grouped.
    #[error("{}: {problem}", path.display())]
    Header {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        problem: HeaderProblem,
    },
    /// A record is damaged, or not as it must be.
    #[error("{}, record {place}: {problem}", path.display())]
    Record {
        /// The file.
        path: PathBuf,
        /// Which one.
        place: Place,
        /// What is wrong.
        problem: RecordProblem,
    },
    /// A setting is out of its range.
    #[error("{0}")]
    Settings(String),
    /// A block did not become small enough, which libdeflate rules out.
    #[error("a block of the output cannot be compressed; choose another level")]
    Incompressible,
    /// Packed records of a group cannot be unpacked.
    #[error(
        "what was kept of a large group is not what it was; look after the disk of the scratch directory"
    )]
    Altered,
    /// Another thread has failed, and says why.
    #[error("the run has ended with an error elsewhere")]
    Elsewhere,
}

/// Which record of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Counted from 1, all records of the file.
    pub number: u64,
    /// Of the read, where that can be told.
    pub name: Vec<u8>,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.number)?;
        if !self.name.is_empty() {
            write!(f, " (read {})", self.name.escape_ascii())?;
        }
        Ok(())
    }
}

impl Error {
    pub(crate) fn read(path: &Path, error: io::Error) -> Self {
        let path = path.into();
        Self::Read { path, error }
    }

    pub(crate) fn write(path: &Path, error: io::Error) -> Self {
        Self::Failed(Failure::io("writing", path, error))
    }

    /// A file of a group that does not fit into memory could not be written or read.
    pub(crate) fn spill(directory: &Path, error: io::Error) -> Self {
        Self::Failed(Failure::io(
            "keeping a group in a file in",
            directory,
            error,
        ))
    }

    pub(crate) fn block(path: &Path, at: u64, problem: BlockProblem) -> Self {
        let path = path.into();
        Self::Block { path, at, problem }
    }

    pub(crate) fn header(path: &Path, problem: HeaderProblem) -> Self {
        let path = path.into();
        Self::Header { path, problem }
    }

    pub(crate) fn record(path: &Path, number: u64, name: &[u8], problem: RecordProblem) -> Self {
        Self::Record {
            path: path.into(),
            place: Place {
                number,
                name: name.to_vec(),
            },
            problem,
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match error {
            Error::Failed(failure) => failure,
            Error::Incompressible | Error::Altered | Error::Elsewhere => {
                Self::Other(error.to_string())
            }
            _ => Self::Input(error.to_string()),
        }
    }
}
