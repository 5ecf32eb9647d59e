//! Why a queue could not take or give an ortho.

use std::io;
use std::path::{Path, PathBuf};

use plimsoll_workload::{Bytes, Failure};

/// Why a queue could not take or give an ortho.
#[derive(Debug, thiserror::Error)]
pub enum QueueError {
    /// The disk is full.
    #[error(
        "no space left on the disk of the work queue: {path} needed {needed} more; \
         free space there, choose a scratch directory on a larger disk, or set a larger buffer or a lower max_filled"
    )]
    DiskFull {
        /// What was being written.
        path: PathBuf,
        /// Bytes that the failed write was to add.
        needed: Bytes,
    },
    /// Another failure of the file system.
    #[error("cannot {doing} {path} of the work queue: {source}")]
    Io {
        /// The failed operation, such as `read`.
        doing: &'static str,
        /// The file or directory.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// What was read is not what was written.
    #[error(
        "{path} of the work queue is damaged: {why}; the search cannot go on from it, run it again"
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// The database under the queue failed.
    #[error("cannot {doing} the database {path} of the work queue: {message}")]
    Database {
        /// The failed operation, such as `write to`.
        doing: &'static str,
        /// The database file.
        path: PathBuf,
        /// What the database said.
        message: String,
    },
}

impl QueueError {
    /// Turns a failure of `doing`, which was to add `needed` bytes to `path`, into an error that
    /// tells a full disk from others.
    pub(super) fn io(doing: &'static str, path: &Path, needed: u64, source: io::Error) -> Self {
        let path = path.to_path_buf();
        match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::DiskFull {
                path,
                needed: Bytes(needed),
            },
            _ => Self::Io {
                doing,
                path,
                source,
            },
        }
    }
}

impl From<QueueError> for Failure {
    fn from(error: QueueError) -> Self {
        Self::Other(error.to_string())
    }
}
