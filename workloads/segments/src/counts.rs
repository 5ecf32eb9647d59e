//! What a run found and made, the same for every implementation.

/// Counts of one compression.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Bases of all samples.
    pub bases: u64,
    /// Splitters chosen from the reference sample.
    pub splitters: u64,
    /// Segments of all samples.
    pub segments: u64,
    /// Groups, the raw one not counted.
    pub groups: u64,
    /// Size of the archive in bytes.
    pub archive_bytes: u64,
}
