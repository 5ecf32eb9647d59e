//! What no codec can be made of.

use super::{MOST_DIMENSIONS, RowProblem};
use crate::encoding::Encoding;

/// No codec can be made of this.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CodecError {
    /// No values, or too many.
    #[error("no vector has {0} values; the dimension must be from 1 to {MOST_DIMENSIONS}")]
    Dimension(usize),
    /// The codes of product quantisation are as many as there are equal parts of a vector.
    #[error("{codes} codes do not divide {dimension} values; give a divisor of the dimension")]
    Codes {
        /// Codes of a vector.
        codes: usize,
        /// Values of a vector.
        dimension: usize,
    },
    /// Parameters of another length.
    #[error("{found} bytes of parameters where {encoding:?} has {expected}")]
    Parameters {
        /// What they are for.
        encoding: Encoding,
        /// Bytes there should be.
        expected: u64,
        /// Bytes there are.
        found: usize,
    },
    /// Parameters that no training leaves.
    #[error("value {index} of the parameters of {encoding:?} is none that a training leaves")]
    ParameterValue {
        /// What they are for.
        encoding: Encoding,
        /// Which value, from 0.
        index: usize,
    },
    /// Fewer rows than the training needs.
    #[error("{rows} rows are too few to train on; give {needed} or more")]
    TooFewRows {
        /// Rows there are.
        rows: usize,
        /// Rows there must be.
        needed: usize,
    },
    /// A row that cannot be trained on.
    #[error("row {row} of those to train on: {problem}")]
    Row {
        /// Which row, from 0.
        row: usize,
        /// Why not.
        problem: RowProblem,
    },
    /// The greatest and the least value of a dimension are too far from each other.
    #[error("the range of the values of dimension {dimension} overflows")]
    RangeOverflow {
        /// Which dimension, from 0.
        dimension: usize,
    },
}
