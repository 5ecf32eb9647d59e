//! What a build is done with: nothing of it changes the index.

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
}

impl From<Resources> for Means {
    fn from(resources: Resources) -> Self {
        Self {
            resources,
            account: Account::default(),
        }
    }
}

impl Means {
    /// An array of `len` zeros for a part of the index or of its build, on the account as long as it is there.
    pub(super) fn zeroed<T: Pod>(&self, part: Part, len: usize) -> Result<Array<T>, IndexError> {
        Array::zeroed(part, len, &self.account)
    }
}
