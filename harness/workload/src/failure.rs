//! Why a run ended without a result.

use std::fmt::Display;
use std::ops::RangeInclusive;
use std::path::Path;

use crate::{Bytes, Exit};

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

impl Failure {
    /// A failed operation on a file: `doing` says what was tried, as in `Failure::io("writing chunk", &path, error)`.
    #[must_use]
    pub fn io(doing: &str, path: &Path, error: std::io::Error) -> Self {
        let remedy = match error.kind() {
            std::io::ErrorKind::StorageFull => "; free some space or choose another disk",
            std::io::ErrorKind::PermissionDenied => "; check the permissions",
            _ => "",
        };
        Self::Other(format!("{doing} {}: {error}{remedy}", path.display()))
    }

    /// Refuses a parameter that is out of its range, and names both.
    ///
    /// # Errors
    /// It is.
    pub fn unless_within<T: PartialOrd + Display>(
        name: &str,
        value: T,
        range: RangeInclusive<T>,
    ) -> Result<(), Self> {
        if range.contains(&value) {
            return Ok(());
        }
        let (low, high) = range.into_inner();
        Err(Self::Input(format!(
            "{name} is {value}; it must be from {low} to {high}"
        )))
    }

    /// The exit code it ends the program with.
    #[must_use]
    pub fn exit(&self) -> Exit {
        match self {
            Self::Refused { .. } => Exit::Refused,
            Self::Input(_) => Exit::WrongInput,
            Self::Other(_) => Exit::Failed,
        }
    }
}
