//! What is asked of every row before a byte is written.

use super::{CodecError, MOST_DIMENSIONS, RowProblem};
use crate::simd::{Simd, compiled_for_each};

/// A dimension that codecs take.
pub(super) fn check_dimension(dimension: usize) -> Result<(), CodecError> {
    if (1..=MOST_DIMENSIONS).contains(&dimension) {
        Ok(())
    } else {
        Err(CodecError::Dimension(dimension))
    }
}

/// Refuses rows of another length, and values that are not finite.
pub(super) fn check_row(simd: Simd, dimension: usize, row: &[f32]) -> Result<(), RowProblem> {
    if row.len() != dimension {
        let (expected, found) = (dimension, row.len());
        return Err(RowProblem::DimensionMismatch { expected, found });
    }
    if all_finite(simd, row) {
        return Ok(());
    }
    let index = row.iter().take_while(|value| value.is_finite()).count();
    Err(RowProblem::NonFinite { index })
}

#[inline(always)]
fn finite(row: &[f32]) -> bool {
    // An exponent of ones and one more reach the sign's place.
    let top = |value: &f32| (value.to_bits() & 0x7F80_0000) + 0x0080_0000;
    row.iter().fold(0, |all, value| all | top(value)) >> 31 == 0
}

compiled_for_each! {
    fn all_finite(row: &[f32]) -> bool = finite
}
