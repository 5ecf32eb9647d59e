//! What a build may use: nothing of it changes the index.

/// What a build may use. The index is the same, whatever it is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Resources {
    /// Threads, 1 to 1024.
    pub threads: usize,
    /// Bytes of vectors to read at a time; a vector is read even if it is longer.
    pub block: usize,
}

impl Resources {
    /// A block that threads have enough to do with.
    pub const USUAL_BLOCK: usize = 12 << 20;
    /// Smaller blocks save nothing worth having.
    pub const LEAST_BLOCK: usize = 64 << 10;

    /// So many threads, and the usual block.
    #[must_use]
    pub fn new(threads: usize) -> Self {
        Self {
            threads,
            block: Self::USUAL_BLOCK,
        }
    }

    /// Vectors of `dim` coordinates, of `len` in all, that a thread reads at a time, and that a block has; each at
    /// least 1.
    pub(super) fn rows(self, len: usize, dim: usize) -> (usize, usize) {
        let most = self.block / dim.saturating_mul(size_of::<f32>()).max(1);
        // Few enough for all threads to have a part of a block.
        let part = most / self.threads.saturating_mul(4).max(1);
        let part = part.clamp(1, len.max(1));
        let block = (most / part).max(1) * part;
        (part, block.min(len.max(1)))
    }
}
