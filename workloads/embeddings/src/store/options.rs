//! How a store is created, opened and written.

use std::num::NonZeroU64;
use std::sync::Arc;
use std::time::Duration;

use super::medium::Watch;
use crate::encoding::Encoding;

/// When records are held against their checksums.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Checks {
    /// Each when it is read for the first time; a bit of memory for each.
    #[default]
    FirstTouch,
    /// Each time.
    Always,
    /// Only by `verify`.
    Never,
}

/// When an appender commits by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Commits {
    /// Only when it is told to.
    #[default]
    Explicit,
    /// Whenever so many records are appended.
    Records(NonZeroU64),
    /// With the first record that is appended so long after the last commit, or later.
    Interval(Duration),
}

/// How a store is opened to be read.
#[derive(Debug, Clone, Default)]
pub struct OpenOptions {
    /// When records are held against their checksums.
    pub checks: Checks,
    /// What the dimension must be.
    pub dimension: Option<usize>,
    /// What the encoding must be.
    pub encoding: Option<Encoding>,
    /// Does without the ids, damaged ones for instance.
    pub without_ids: bool,
}

/// How a store is written.
#[derive(Debug, Clone, Default)]
pub struct AppendOptions {
    /// When records are held against their checksums, if they are read.
    pub checks: Checks,
    /// When records are committed without being told to.
    pub commits: Commits,
    /// Who sees all writes.
    pub watch: Option<Arc<dyn Watch>>,
}

/// How a store is created.
#[derive(Debug, Clone)]
pub struct CreateOptions {
    /// Records there is room for from the beginning; may be 0.
    pub capacity: u64,
    /// Whether records have ids.
    pub ids: bool,
    /// Whether each record ends with a checksum of four bytes. Without, `NAME.sums` has one for each 64 KiB of records: less
    /// to read in a scan of short codes, more to read for the first record of a block.
    pub checksums: bool,
    /// Whether a store that is there already is removed. It must not be in use.
    pub replace: bool,
    /// The store's own name, by which it knows its ids; a random one if none is given.
    pub store_id: Option<[u8; 16]>,
    /// How it is written then.
    pub append: AppendOptions,
}

impl Default for CreateOptions {
    fn default() -> Self {
        Self {
            capacity: 0,
            ids: true,
            checksums: true,
            replace: false,
            store_id: None,
            append: AppendOptions::default(),
        }
    }
}
