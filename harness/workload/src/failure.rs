//! Why a run ended without a result.

use crate::Bytes;

/// Why a run ended without a result.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The implementation saw beforehand that the job does not fit.
    #[error("refused: needs {needed}, has {available}; {hint}")]
    Refused {
        /// What the job would need.
        needed: Bytes,
        /// What is there.
        available: Bytes,
        /// What the user can do about it.
        hint: String,
    },
    /// The input or a parameter is wrong.
    #[error("{0}")]
    Input(String),
    /// Anything else: I/O, a full disk, a broken invariant. The message says what, where and what to do.
    #[error("{0}")]
    Other(String),
}
