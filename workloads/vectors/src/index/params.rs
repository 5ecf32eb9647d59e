//! What an index is built with.

use super::{IndexError, Width};

/// What an index is built with. With the vectors, it decides every bit of the index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Params {
    /// Links that a vector chooses for itself on every level, 2 to 127. It keeps up to that many on the upper levels,
    /// and twice as many on level 0.
    pub m: usize,
    /// Vectors that an insertion keeps in view while it looks for neighbours, 1 to 65,536.
    pub ef_construction: usize,
    /// Decides which vectors are on the upper levels.
    pub level_seed: u64,
    /// How many bits it keeps of each coordinate.
    pub width: Width,
}

impl Default for Params {
    fn default() -> Self {
        Self {
            m: 48,
            ef_construction: 200,
            level_seed: 42,
            width: Width::Eight,
        }
    }
}

impl Params {
    pub(super) const MOST_M: usize = 127;
    pub(super) const MOST_EF: usize = 65_536;

    /// Holds each value against its bounds.
    pub(super) fn check(self) -> Result<(), IndexError> {
        within("m", self.m, 2, Self::MOST_M)?;
        within("ef_construction", self.ef_construction, 1, Self::MOST_EF)
    }

    /// How many links a vector has room for on a level.
    pub(super) fn room(self, level: u8) -> usize {
        if level == 0 { 2 * self.m } else { self.m }
    }
}

/// Holds a value against its bounds.
pub(super) fn within(
    what: &'static str,
    given: usize,
    least: usize,
    most: usize,
) -> Result<(), IndexError> {
    if (least..=most).contains(&given) {
        return Ok(());
    }
    Err(IndexError::Parameter {
        what,
        given,
        least,
        most,
    })
}
