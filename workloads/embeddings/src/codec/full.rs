//! The values themselves.

use std::borrow::Cow;

use super::row::{check_dimension, check_row};
use super::{Codec, CodecError, RowProblem, Scorer, floats};
use crate::encoding::Encoding;
use crate::search::inner_products;
use crate::simd::Simd;

/// Four bytes a value, little-endian. Scores are the exact inner products.
#[derive(Debug, Clone, Copy)]
pub struct Full {
    dimension: usize,
    simd: Simd,
}

impl Full {
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

impl Codec for Full {
    fn encoding(&self) -> Encoding {
        Encoding::F32
    }

    fn dimension(&self) -> usize {
        self.dimension
    }

    fn payload(&self) -> usize {
        4 * self.dimension
    }

    fn parameters(&self) -> Cow<'_, [u8]> {
        Cow::Borrowed(&[])
    }

    fn encode(&self, row: &[f32], payload: &mut [u8]) -> Result<usize, RowProblem> {
        check_row(self.simd, self.dimension, row)?;
        for (bytes, value) in payload.as_chunks_mut().0.iter_mut().zip(row) {
            *bytes = value.to_le_bytes();
        }
        Ok(0)
    }

    fn decode(&self, payload: &[u8], row: &mut [f32]) {
        for (value, decoded) in row.iter_mut().zip(floats::of_bytes(payload)) {
            *value = decoded;
        }
    }

    fn scorer<'a>(&'a self, query: &[f32]) -> Box<dyn Scorer + 'a> {
        Box::new(Exact {
            query: query.to_vec(),
            simd: self.simd,
        })
    }
}

struct Exact {
    query: Vec<f32>,
    simd: Simd,
}

impl Scorer for Exact {
    fn score(&self, records: &[u8], stride: usize, scores: &mut [f32]) {
        inner_products(self.simd, &self.query, records, stride, scores);
    }
}
