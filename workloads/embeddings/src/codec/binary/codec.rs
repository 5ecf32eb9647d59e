//! The codec of signs.

use std::borrow::Cow;

use super::planes::{PLANES, Planes};
use super::signs::{alpha, hamming, signs, unsigned};
use crate::codec::row::{check_dimension, check_row};
use crate::codec::{Codec, CodecError, RowProblem, Scorer};
use crate::encoding::Encoding;
use crate::search::check_records;
use crate::simd::Simd;

/// What of a query is compared with signs.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Default,
    serde::Serialize,
    serde::Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum BinaryQuery {
    /// Its signs: a score is the number of different ones, the Hamming distance, negated.
    Signs,
    /// Its values, in six bits each: a score is the sum of those where the sign is positive, less the others.
    #[default]
    Values,
}

/// A bit for each value, set unless it is negative (both zeros are not): bit d in byte d / 8 at weight 2^(d mod 8), the rest of the
/// last byte zero. Decoded it is a vector of those signs and length 1.
#[derive(Debug, Clone, Copy)]
pub struct Binary {
    dimension: usize,
    query: BinaryQuery,
    simd: Simd,
}

impl Binary {
    /// For rows of so many values.
    ///
    /// # Errors
    /// No such dimension.
    pub fn new(dimension: usize, query: BinaryQuery) -> Result<Self, CodecError> {
        check_dimension(dimension)?;
        let simd = Simd::best();
        Ok(Self {
            dimension,
            query,
            simd,
        })
    }

    /// The same by other instructions.
    #[must_use]
    pub const fn with_simd(mut self, simd: Simd) -> Self {
        self.simd = simd;
        self
    }

    /// The scale of a row for a column beside the store: the mean size of its values. What
    /// [`decode_scaled`](Self::decode_scaled) makes with it is the nearest to the row that signs can come, its square error the
    /// mean of squares less the square of the scale.
    #[must_use]
    pub fn alpha(row: &[f32]) -> f32 {
        alpha(row)
    }

    /// Decodes a payload to values of this size.
    pub fn decode_scaled(&self, payload: &[u8], alpha: f32, row: &mut [f32]) {
        unsigned(self.simd, payload, alpha, row);
    }
}

impl Codec for Binary {
    fn encoding(&self) -> Encoding {
        Encoding::Binary
    }

    fn dimension(&self) -> usize {
        self.dimension
    }

    fn payload(&self) -> usize {
        self.dimension.div_ceil(8)
    }

    fn parameters(&self) -> Cow<'_, [u8]> {
        Cow::Borrowed(&[])
    }

    fn encode(&self, row: &[f32], payload: &mut [u8]) -> Result<usize, RowProblem> {
        check_row(self.simd, self.dimension, row)?;
        signs(self.simd, row, payload);
        Ok(0)
    }

    fn decode(&self, payload: &[u8], row: &mut [f32]) {
        let size = (1.0 / (self.dimension as f64).sqrt()) as f32;
        unsigned(self.simd, payload, size, row);
    }

    fn scorer<'a>(&'a self, query: &[f32]) -> Box<dyn Scorer + 'a> {
        match self.query {
            BinaryQuery::Signs => {
                let mut of_query = vec![0; self.payload()];
                signs(self.simd, query, &mut of_query);
                Box::new(Different {
                    signs: of_query,
                    simd: self.simd,
                })
            }
            BinaryQuery::Values => Box::new(Weighted {
                planes: Planes::new(query),
                simd: self.simd,
            }),
        }
    }
}

struct Different {
    signs: Vec<u8>,
    simd: Simd,
}

impl Scorer for Different {
    fn score(&self, records: &[u8], stride: usize, scores: &mut [f32]) {
        check_records(records, stride, self.signs.len(), scores.len());
        hamming(self.simd, &self.signs, records, stride, scores);
    }
}

struct Weighted {
    planes: Planes,
    simd: Simd,
}

impl Scorer for Weighted {
    fn score(&self, records: &[u8], stride: usize, scores: &mut [f32]) {
        self.planes.score(self.simd, records, stride, scores);
    }
}

// Sums of planes fit 32 bits: a value has no more than their bits.
const _: () = assert!(crate::codec::MOST_DIMENSIONS << PLANES <= 1 << 31);
