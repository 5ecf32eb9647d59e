//! The codec of a codebook.

use std::borrow::Cow;

use super::codebook::{CENTROIDS, Codebook};
use super::nearest::{exact, nearest};
use super::tables::Tables;
use super::train;
use crate::codec::row::{check_dimension, check_row};
use crate::codec::{Codec, CodecError, RowProblem, Scorer, floats};
use crate::encoding::Encoding;
use crate::search::check_records;
use crate::simd::Simd;

/// A byte for each of the equal parts of a vector: its nearest centroid by square distance, of equally near ones the first. The
/// codebook of 256 centroids a part takes 2048 bytes a dimension, half of them in a store.
#[derive(Debug, Clone)]
pub struct Product {
    codebook: Codebook,
    simd: Simd,
}

impl Product {
    /// The most rows that a training looks at; it takes what is there of more, in their order.
    pub const MOST_ROWS: usize = 256 * CENTROIDS;

    /// Trains a codebook of `codes` parts on rows, which lie one after the other: Lloyd's algorithm from distinct rows, until a
    /// round gains less than 1 in 10,000 or 25 are through. What comes out depends on rows and seed, and not on the number of
    /// threads of the current pool that work on it.
    ///
    /// # Errors
    /// `codes` do not divide the dimension; fewer than 256 rows; a row with a value that is not finite.
    pub fn train(
        dimension: usize,
        codes: usize,
        rows: &[f32],
        seed: u64,
    ) -> Result<Self, CodecError> {
        let width = width(dimension, codes)?;
        let simd = Simd::best();
        for (at, row) in rows.chunks(dimension).enumerate() {
            check_row(simd, dimension, row)
                .map_err(|problem| CodecError::Row { row: at, problem })?;
        }
        let count = rows.len() / dimension;
        if count < CENTROIDS {
            let needed = CENTROIDS;
            return Err(CodecError::TooFewRows {
                rows: count,
                needed,
            });
        }
        let rows = &rows[..count.min(Self::MOST_ROWS) * dimension];
        let codebook = Codebook::new(train::train(simd, dimension, width, rows, seed), width);
        Ok(Self { codebook, simd })
    }

    /// The codec whose [parameters](Codec::parameters) these are.
    ///
    /// # Errors
    /// `codes` do not divide the dimension, another number of bytes, or a value that no training leaves.
    pub fn from_parameters(
        dimension: usize,
        codes: usize,
        parameters: &[u8],
    ) -> Result<Self, CodecError> {
        let width = width(dimension, codes)?;
        let encoding = Encoding::Product;
        let (expected, found) = (4 * CENTROIDS * dimension, parameters.len());
        if found != expected {
            let expected = expected as u64;
            return Err(CodecError::Parameters {
                encoding,
                expected,
                found,
            });
        }
        let values: Vec<f32> = floats::of_bytes(parameters).collect();
        if let Some(index) = values.iter().position(|value| !value.is_finite()) {
            return Err(CodecError::ParameterValue { encoding, index });
        }
        Ok(Self {
            codebook: Codebook::new(values, width),
            simd: Simd::best(),
        })
    }

    /// The same by other instructions.
    #[must_use]
    pub const fn with_simd(mut self, simd: Simd) -> Self {
        self.simd = simd;
        self
    }
}

/// Values of a part.
fn width(dimension: usize, codes: usize) -> Result<usize, CodecError> {
    check_dimension(dimension)?;
    if codes == 0 || !dimension.is_multiple_of(codes) {
        return Err(CodecError::Codes { codes, dimension });
    }
    Ok(dimension / codes)
}

impl Codec for Product {
    fn encoding(&self) -> Encoding {
        Encoding::Product
    }

    fn dimension(&self) -> usize {
        self.codebook.parts() * self.codebook.width()
    }

    fn payload(&self) -> usize {
        self.codebook.parts()
    }

    fn parameters(&self) -> Cow<'_, [u8]> {
        self.codebook.to_bytes().into()
    }

    fn encode(&self, row: &[f32], payload: &mut [u8]) -> Result<usize, RowProblem> {
        check_row(self.simd, self.dimension(), row)?;
        let parts = row.chunks_exact(self.codebook.width()).zip(payload);
        for (part, (values, code)) in parts.enumerate() {
            let by_value = self.codebook.by_value(part);
            let distance = |code| exact(values, self.codebook.centroid(part, code));
            *code = nearest(self.simd, values, by_value, distance);
        }
        Ok(0)
    }

    fn decode(&self, payload: &[u8], row: &mut [f32]) {
        let parts = row.chunks_exact_mut(self.codebook.width()).zip(payload);
        for (part, (values, &code)) in parts.enumerate() {
            values.copy_from_slice(self.codebook.centroid(part, code));
        }
    }

    /// Scores are sums over tables of inner products with the centroids, in whole numbers of 16 bits.
    fn scorer<'a>(&'a self, query: &[f32]) -> Box<dyn Scorer + 'a> {
        Box::new(Looked {
            tables: Tables::new(self.simd, &self.codebook, query),
        })
    }
}

struct Looked {
    tables: Tables,
}

impl Scorer for Looked {
    fn score(&self, records: &[u8], stride: usize, scores: &mut [f32]) {
        check_records(records, stride, self.tables.parts(), scores.len());
        self.tables.score(records, stride, scores);
    }
}
