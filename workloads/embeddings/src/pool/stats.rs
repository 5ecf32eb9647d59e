//! What a pool has at one instant.

/// What a pool has at one instant: `total` is `live` and `free` together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PoolStats {
    /// Slabs that are mapped.
    pub slabs: usize,
    /// Bytes of them.
    pub mapped: u64,
    /// Bytes of what tells free chunks, and counts the owners of shared ones.
    pub bookkeeping: u64,
    /// Chunks of all slabs.
    pub total: usize,
    /// Chunks that somebody owns.
    pub live: usize,
    /// Chunks that nobody owns, in the lists of threads or in the shared one.
    pub free: usize,
}
