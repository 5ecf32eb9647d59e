//! What of files is in memory.

use std::fs::File;
use std::num::NonZeroU64;
use std::path::Path;

use plimsoll_workload::{Context, Failure};
use rustix::fs::{Advice, fadvise};

/// Lets the system forget the first bytes of a file, or all of it, as far as they are on the disk: the next who reads them has
/// them from there.
pub(crate) fn forget(path: &Path, bytes: Option<NonZeroU64>) -> Result<(), Failure> {
    let told = File::open(path).and_then(|file| Ok(fadvise(&file, 0, bytes, Advice::DontNeed)?));
    told.map_err(|error| Failure::io("letting go of the pages of", path, error))
}

/// Resident memory at one time.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Resident {
    pub(super) all: u64,
    pub(super) anonymous: u64,
}

impl Resident {
    /// What there is more than at this time; nothing where the system does not tell.
    pub(super) fn since(context: &Context, before: Self) -> Option<Self> {
        let now = Self::now(context)?;
        Some(Self {
            all: now.all.saturating_sub(before.all),
            anonymous: now.anonymous.saturating_sub(before.anonymous),
        })
    }

    pub(super) fn now(context: &Context) -> Option<Self> {
        Some(Self {
            all: context.resident()?.0,
            anonymous: context.resident_anonymous()?.0,
        })
    }
}
