//! A range for each dimension, the same for all rows.

use std::borrow::Cow;

use super::fixed::Fixed;
use super::steps::{decode, encode};
use crate::codec::row::{check_dimension, check_row};
use crate::codec::{Codec, CodecError, RowProblem, Scorer, floats};
use crate::encoding::Encoding;
use crate::simd::Simd;

/// A byte a value: whole steps above the least of its dimension. Where the ranges were trained on all rows, no decoded
/// value is off by more than half a step and a rounding.
///
/// [`Ranges`](super::Ranges) train it.
#[derive(Debug, Clone)]
pub struct Sq8PerDimension {
    lows: Vec<f32>,
    steps: Vec<f32>,
    simd: Simd,
}

impl Sq8PerDimension {
    pub(super) fn of_ranges(lows: Vec<f32>, steps: Vec<f32>) -> Self {
        let simd = Simd::best();
        Self { lows, steps, simd }
    }

    /// The codec whose [parameters](Codec::parameters) these are: least values, then steps.
    ///
    /// # Errors
    /// Another number of bytes, or a value that no training leaves.
    pub fn from_parameters(dimension: usize, parameters: &[u8]) -> Result<Self, CodecError> {
        check_dimension(dimension)?;
        let encoding = Encoding::Sq8PerDimension;
        let (expected, found) = (8 * dimension, parameters.len());
        if found != expected {
            let expected = expected as u64;
            return Err(CodecError::Parameters {
                encoding,
                expected,
                found,
            });
        }
        let (lows, steps) = parameters.split_at(4 * dimension);
        let wrong = |(index, value): (usize, f32)| {
            (!value.is_finite() || index >= dimension && value < 0.0).then_some(index)
        };
        if let Some(index) = floats::of_bytes(parameters).enumerate().find_map(wrong) {
            return Err(CodecError::ParameterValue { encoding, index });
        }
        let values = |bytes| floats::of_bytes(bytes).collect();
        Ok(Self::of_ranges(values(lows), values(steps)))
    }

    /// The same by other instructions.
    #[must_use]
    pub const fn with_simd(mut self, simd: Simd) -> Self {
        self.simd = simd;
        self
    }

    /// The least value of each dimension.
    #[must_use]
    pub fn lows(&self) -> &[f32] {
        &self.lows
    }

    /// The step of each dimension.
    #[must_use]
    pub fn steps(&self) -> &[f32] {
        &self.steps
    }
}

impl Codec for Sq8PerDimension {
    fn encoding(&self) -> Encoding {
        Encoding::Sq8PerDimension
    }

    fn dimension(&self) -> usize {
        self.lows.len()
    }

    fn payload(&self) -> usize {
        self.lows.len()
    }

    fn parameters(&self) -> Cow<'_, [u8]> {
        floats::bytes(self.lows.iter().chain(&self.steps).copied()).into()
    }

    fn encode(&self, row: &[f32], payload: &mut [u8]) -> Result<usize, RowProblem> {
        check_row(self.simd, self.dimension(), row)?;
        Ok(encode(self.simd, row, &self.lows, &self.steps, payload) as usize)
    }

    fn decode(&self, payload: &[u8], row: &mut [f32]) {
        decode(self.simd, payload, &self.lows, &self.steps, row);
    }

    /// Scores are `q.low + sum (q_d step_d) c_d` with the scaled query rounded to 16 bits or less, whose sum is an integer.
    fn scorer<'a>(&'a self, query: &[f32]) -> Box<dyn Scorer + 'a> {
        let scaled: Vec<f32> = query
            .iter()
            .zip(&self.steps)
            .map(|(q, step)| q * step)
            .collect();
        let base: f64 = query
            .iter()
            .zip(&self.lows)
            .map(|(&q, &low)| f64::from(q) * f64::from(low))
            .sum();
        Box::new(Scaled {
            query: Fixed::new(&scaled),
            base: base as f32,
            simd: self.simd,
        })
    }
}

struct Scaled {
    query: Fixed,
    base: f32,
    simd: Simd,
}

impl Scorer for Scaled {
    fn score(&self, records: &[u8], stride: usize, scores: &mut [f32]) {
        let count = scores.len();
        self.query
            .products(self.simd, records, stride, count, |at, product| {
                scores[at] = self.base + product;
            });
    }
}
