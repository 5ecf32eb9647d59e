//! How many bits a code has, and what follows from that.

use super::kernels::{PACKED_UNIT, UNIT};

/// How many bits the index keeps of each coordinate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Width {
    /// A byte: a search by codes alone finds about what one by vectors does.
    #[default]
    Eight,
    /// Half a byte: half the memory, and answers that depend more on being rescored.
    Four,
}

impl Width {
    /// Both of them.
    pub(super) const ALL: [Self; 2] = [Self::Eight, Self::Four];

    /// Bits of a code.
    #[must_use]
    pub fn bits(self) -> u32 {
        match self {
            Self::Eight => 8,
            Self::Four => 4,
        }
    }

    /// Bytes of a row of `dim` codes, the padding included.
    pub(super) fn row(self, dim: usize) -> usize {
        match self {
            Self::Eight => dim.next_multiple_of(UNIT),
            Self::Four => dim.next_multiple_of(PACKED_UNIT) / 2,
        }
    }

    /// Codes that a row is multiplied with, those of the padding included.
    pub(super) fn codes(self, dim: usize) -> usize {
        match self {
            Self::Eight => dim.next_multiple_of(UNIT),
            Self::Four => dim.next_multiple_of(PACKED_UNIT),
        }
    }

    /// How many of the nearest by codes are held against their vectors to find the `k` nearest.
    pub(super) fn rescored(self, k: usize) -> usize {
        match self {
            Self::Eight => k.saturating_mul(2).max(16),
            Self::Four => k.saturating_mul(4).max(32),
        }
    }
}
