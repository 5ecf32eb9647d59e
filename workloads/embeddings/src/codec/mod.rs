//! From rows to payloads and back.

mod binary;
mod error;
mod floats;
mod full;
mod half;
mod linear;
mod product;
mod restore;
mod row;

use std::borrow::Cow;

pub use binary::{Binary, BinaryQuery};
pub use error::CodecError;
pub use full::Full;
pub use half::Half;
pub use linear::{Ranges, Sq8PerDimension, Sq8PerVector};
pub use product::Product;
pub use restore::codec_of;

use crate::encoding::Encoding;

/// The most values of a vector: sums of codes fit 32 bits up to here.
pub const MOST_DIMENSIONS: usize = 1 << 20;

/// Turns rows into payloads of one encoding and back, and scores payloads against a query.
///
/// All arithmetic is IEEE `f32`, step by step and without fused operations, so that every machine makes the same bytes.
pub trait Codec: Send + Sync {
    /// What its payloads are.
    fn encoding(&self) -> Encoding;

    /// Values of a row.
    fn dimension(&self) -> usize;

    /// Bytes of a payload.
    fn payload(&self) -> usize;

    /// What all records share, as it lies in a store; empty where there is nothing.
    fn parameters(&self) -> Cow<'_, [u8]>;

    /// Encodes a row into [`payload`](Self::payload) bytes, and returns how many values lay outside of the range that the
    /// parameters cover and were clamped.
    ///
    /// # Errors
    /// A row of another length, or with a value that no payload can hold. Nothing is written then.
    fn encode(&self, row: &[f32], payload: &mut [u8]) -> Result<usize, RowProblem>;

    /// Decodes a payload of [`payload`](Self::payload) bytes into [`dimension`](Self::dimension) values.
    fn decode(&self, payload: &[u8], row: &mut [f32]);

    /// What scores payloads against this query of [`dimension`](Self::dimension) values.
    fn scorer<'a>(&'a self, query: &[f32]) -> Box<dyn Scorer + 'a>;
}

/// Scores payloads against one query: the higher, the nearer.
pub trait Scorer: Send + Sync {
    /// Scores payloads that lie `stride` bytes apart, the first at the beginning, one for each of `scores`.
    fn score(&self, records: &[u8], stride: usize, scores: &mut [f32]);
}

/// Why a row cannot be encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RowProblem {
    /// Another number of values.
    #[error("it has {found} values where the store's dimension is {expected}")]
    DimensionMismatch {
        /// Values of a row here.
        expected: usize,
        /// Values of this one.
        found: usize,
    },
    /// Not a number, or infinite.
    #[error("value {index} is not finite")]
    NonFinite {
        /// Which value, from 0.
        index: usize,
    },
    /// The difference of two finite values is infinite.
    #[error("the range of its values overflows")]
    RangeOverflow,
}
