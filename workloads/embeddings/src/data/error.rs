//! What cannot be made.

/// Vectors of this shape cannot be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum GeneratorError {
    /// No values, or more than a store takes.
    #[error("vectors of {0} dimensions cannot be made; the dimension must be from 1 to 1048576")]
    Dimension(usize),
    /// No clusters, or too many.
    #[error("vectors of {0} clusters cannot be made; there must be from 1 to 4294967296")]
    Clusters(u64),
}

/// Accesses like these cannot be made.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
pub enum TraceError {
    /// No keys, or more than an access can name.
    #[error("a trace of {0} keys cannot be made; universe must be from 1 to 1073741824")]
    Universe(u32),
    /// Not a falling curve.
    #[error("a trace of exponent {0} cannot be made; it must be from 0 to 8")]
    Exponent(f64),
    /// Not a share.
    #[error("{share} of all accesses cannot be {of}; give a share from 0 to 1")]
    Share {
        /// What the share is of: `scan` or `writes`.
        of: &'static str,
        /// What was asked for.
        share: f64,
    },
}
