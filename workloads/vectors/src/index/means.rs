//! What a build is done with: nothing of it changes the index.

use std::path::PathBuf;

use bytemuck::Pod;

use super::account::{Account, Part};
use super::columns::Array;
use super::{IndexError, Resources};

/// What a build is done with. The index is the same, whatever it is given.
#[derive(Debug, Clone)]
pub struct Means {
    /// Threads, and how much is read at a time.
    pub resources: Resources,
    /// Where it says what it holds.
    pub account: Account,
    /// A directory on a disk: codes and links of level 0 are in a file there, of which the system keeps in memory what
    /// there is room for. Slower, the less that is.
    pub spill: Option<PathBuf>,
}

impl From<Resources> for Means {
    fn from(resources: Resources) -> Self {
        Self {
            resources,
            account: Account::default(),
            spill: None,
        }
    }
}

impl Means {
    /// An array of `len` zeros for a part of the index or of its build: on the account as long as it is there, or in a
    /// file.
    pub(super) fn zeroed<T: Pod>(&self, part: Part, len: usize) -> Result<Array<T>, IndexError> {
        match (&self.spill, part) {
            (Some(directory), Part::Codes | Part::Level0) => Array::in_file(part, len, directory),
            _ => Array::zeroed(part, len, &self.account),
        }
    }
}
