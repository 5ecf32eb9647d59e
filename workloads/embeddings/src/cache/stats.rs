//! What a cache has done so far.

/// What a cache has done so far, and has now.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CacheStats {
    /// Lookups that found the value.
    pub hits: u64,
    /// Lookups that did not.
    pub misses: u64,
    /// Values that were taken in, in the place of an older one or not.
    pub admissions: u64,
    /// Values that were not: larger than what is kept of one, or replaced while they were loaded.
    pub rejections: u64,
    /// Values that went to make room.
    pub evictions: u64,
    /// Values now.
    pub entries: u64,
    /// Bytes now: values, their blocks, and what the tables take for them.
    pub used: u64,
    /// Most bytes.
    pub budget: u64,
}

impl CacheStats {
    /// The share of lookups that found the value; nothing where there were none.
    #[must_use]
    pub fn hit_rate(&self) -> Option<f64> {
        let lookups = self.hits + self.misses;
        (lookups > 0).then(|| self.hits as f64 / lookups as f64)
    }
}
