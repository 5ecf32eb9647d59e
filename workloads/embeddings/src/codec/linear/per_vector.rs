//! A range for each row, in front of its codes.

use std::borrow::Cow;

use super::fixed::Fixed;
use super::steps::{decode_row, encode_row, extremes};
use crate::codec::row::{check_dimension, check_row};
use crate::codec::{Codec, CodecError, RowProblem, Scorer};
use crate::encoding::Encoding;
use crate::search::check_records;
use crate::simd::Simd;

/// Bytes in front of the codes: least value and step.
const RANGE: usize = 8;

/// Least value and step of the row, then a byte a value: no training, and no row is out of range.
#[derive(Debug, Clone, Copy)]
pub struct Sq8PerVector {
    dimension: usize,
    simd: Simd,
}

impl Sq8PerVector {
    /// For rows of so many values.
    ///
    /// # Errors
    /// No such dimension.
    pub fn new(dimension: usize) -> Result<Self, CodecError> {
        check_dimension(dimension)?;
        let simd = Simd::best();
        Ok(Self { dimension, simd })
    }

    /// The same by other instructions.
    #[must_use]
    pub const fn with_simd(mut self, simd: Simd) -> Self {
        self.simd = simd;
        self
    }
}

/// Least value, step and codes of a payload.
fn parts(payload: &[u8]) -> (f32, f32, &[u8]) {
    let (range, codes) = payload.split_at(RANGE);
    let float = |at: usize| f32::from_le_bytes(std::array::from_fn(|byte| range[at + byte]));
    (float(0), float(4), codes)
}

impl Codec for Sq8PerVector {
    fn encoding(&self) -> Encoding {
        Encoding::Sq8PerVector
    }

    fn dimension(&self) -> usize {
        self.dimension
    }

    fn payload(&self) -> usize {
        RANGE + self.dimension
    }

    fn parameters(&self) -> Cow<'_, [u8]> {
        Cow::Borrowed(&[])
    }

    fn encode(&self, row: &[f32], payload: &mut [u8]) -> Result<usize, RowProblem> {
        check_row(self.simd, self.dimension, row)?;
        let (low, high) = extremes(self.simd, row);
        // Adding 0 leaves no negative zero.
        let low = low + 0.0;
        let step = (high + 0.0 - low) / 255.0;
        if !step.is_finite() {
            return Err(RowProblem::RangeOverflow);
        }
        let (range, codes) = payload.split_at_mut(RANGE);
        range[..4].copy_from_slice(&low.to_le_bytes());
        range[4..].copy_from_slice(&step.to_le_bytes());
        encode_row(self.simd, row, low, step, codes);
        Ok(0)
    }

    fn decode(&self, payload: &[u8], row: &mut [f32]) {
        let (low, step, codes) = parts(payload);
        decode_row(self.simd, codes, low, step, row);
    }

    /// Scores are `low * sum q_d + step * sum q_d c_d` with the query rounded to 16 bits or less, whose sum is an integer.
    fn scorer<'a>(&'a self, query: &[f32]) -> Box<dyn Scorer + 'a> {
        let sum: f64 = query.iter().copied().map(f64::from).sum();
        Box::new(Ranged {
            query: Fixed::new(query),
            sum: sum as f32,
            simd: self.simd,
        })
    }
}

struct Ranged {
    query: Fixed,
    sum: f32,
    simd: Simd,
}

impl Scorer for Ranged {
    fn score(&self, records: &[u8], stride: usize, scores: &mut [f32]) {
        check_records(records, stride, RANGE + self.query.len(), scores.len());
        let Some(codes) = records.get(RANGE..) else {
            return;
        };
        let count = scores.len();
        self.query
            .products(self.simd, codes, stride, count, |at, product| {
                let (low, step, _) = parts(&records[at * stride..]);
                scores[at] = low * self.sum + step * product;
            });
    }
}
