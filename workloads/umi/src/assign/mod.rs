//! From the UMIs of one position group to numbers: which templates are one molecule, and in what order.
//!
//! UMIs that are all of one form are compared as codes of two bits a letter ([`codes`]), any others as texts
//! ([`texts`]). Both sort instead of hashing, and both walk over the same neighbours ([`walk`]).

mod code;
pub(crate) mod codes;
mod map;
mod neighbours;
pub(crate) mod texts;
mod walk;

pub(crate) use code::{Form, encode, encode_halves};

/// Which strand of a double-stranded molecule a template is from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Strand {
    /// Its r1 lies first.
    A,
    /// Its r2 does.
    B,
}

impl Strand {
    pub(crate) fn of(r1_first: bool) -> Self {
        if r1_first { Self::A } else { Self::B }
    }

    pub(crate) fn other(self) -> Self {
        match self {
            Self::A => Self::B,
            Self::B => Self::A,
        }
    }
}

/// Where a member of a molecule has its strands exchanged: it was reached over several steps, and lies nearer to its
/// root when turned round. `apart` is the distance between the two as they are, `turned` that of the member turned round.
/// In the words of fgumi these are texts with the strand's letter `edits` + 1 times before each half; for halves of
/// equal length the letters add twice as many differences.
pub(crate) fn exchanged(apart: u32, turned: u32, edits: u32) -> bool {
    apart >= turned + 2 * (edits + 1)
}
