//! What is wrong with an archive that cannot be read.

/// The bytes are not those of an archive, or not those that were written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Damage(String);

impl Damage {
    /// Says what was found.
    pub fn new(what: impl Into<String>) -> Self {
        Self(what.into())
    }

    /// The same, told with the part of the archive that it was found in.
    #[must_use]
    pub fn within(self, part: impl std::fmt::Display) -> Self {
        Self(format!("{part}: {}", self.0))
    }
}
