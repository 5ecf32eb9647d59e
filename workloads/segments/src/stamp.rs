//! What tells a changed file from the one that was there before.

use std::fs::Metadata;
use std::time::SystemTime;

/// A file's length and time of change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stamp {
    /// In bytes.
    pub(crate) length: u64,
    /// Nothing where the file system keeps no time.
    pub(crate) modified: Option<SystemTime>,
}

impl From<&Metadata> for Stamp {
    fn from(metadata: &Metadata) -> Self {
        Self {
            length: metadata.len(),
            modified: metadata.modified().ok(),
        }
    }
}
