//! How far a file that is being appended to can be read: published after what is there, and read before it.

use super::atomics::{AtomicU64, AtomicUsize, Ordering};

/// How far the bytes of a file can be read, and in which of its mappings. One thread raises both, all may ask.
#[derive(Debug)]
pub(super) struct Progress {
    newest: AtomicUsize,
    sealed: AtomicU64,
}

impl Progress {
    /// Bytes up to `sealed` can be read in the first mapping.
    pub(super) fn new(sealed: u64) -> Self {
        Self {
            newest: AtomicUsize::new(0),
            sealed: AtomicU64::new(sealed),
        }
    }

    /// Where the bytes end that can be read.
    pub(super) fn sealed(&self) -> u64 {
        self.sealed.load(Ordering::Acquire)
    }

    /// The newest mapping. Asked for after `sealed`, it reaches as far as that.
    pub(super) fn newest(&self) -> usize {
        self.newest.load(Ordering::Acquire)
    }

    /// There is a mapping that reaches farther.
    pub(super) fn map(&self, newest: usize) {
        self.newest.store(newest, Ordering::Release);
    }

    /// All bytes up to `end` are written, and a mapping that reaches so far is there.
    pub(super) fn seal(&self, end: u64) {
        self.sealed.store(end, Ordering::Release);
    }
}

/// A number of records, those committed for one. One thread raises it, all may ask.
#[derive(Debug)]
pub(super) struct Count(AtomicU64);

impl Count {
    pub(super) fn new(count: u64) -> Self {
        Self(AtomicU64::new(count))
    }

    /// How many there are. Their bytes are sealed.
    pub(super) fn get(&self) -> u64 {
        self.0.load(Ordering::Acquire)
    }

    /// There are so many now; their bytes are sealed already.
    pub(super) fn publish(&self, count: u64) {
        self.0.store(count, Ordering::Release);
    }
}
