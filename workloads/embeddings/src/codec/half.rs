//! Half precision: IEEE binary16, rounded to the nearest, of two equally near ones to the even one.

use std::borrow::Cow;

use super::row::{check_dimension, check_row};
use super::{Codec, CodecError, RowProblem, Scorer};
use crate::encoding::Encoding;
use crate::search::{check_records, inner_products};
use crate::simd::{Simd, compiled_for_each};

/// From here on values round to infinity.
const OVERFLOW: f32 = 65_520.0;

/// Below this, 2^-14, halves are subnormal.
const LEAST_NORMAL: u32 = (127 - 14) << 23;

/// Two bytes a value, little-endian. Scores are the exact inner products of the decoded rows.
#[derive(Debug, Clone, Copy)]
pub struct Half {
    dimension: usize,
    simd: Simd,
}

impl Half {
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

impl Codec for Half {
    fn encoding(&self) -> Encoding {
        Encoding::F16
    }

    fn dimension(&self) -> usize {
        self.dimension
    }

    fn payload(&self) -> usize {
        2 * self.dimension
    }

    fn parameters(&self) -> Cow<'_, [u8]> {
        Cow::Borrowed(&[])
    }

    /// Values of 65,520 and more, which would become infinite, are a [`RowProblem::RangeOverflow`].
    fn encode(&self, row: &[f32], payload: &mut [u8]) -> Result<usize, RowProblem> {
        check_row(self.simd, self.dimension, row)?;
        if row
            .iter()
            .fold(false, |any, value| any | (value.abs() >= OVERFLOW))
        {
            return Err(RowProblem::RangeOverflow);
        }
        encode(self.simd, row, payload.as_chunks_mut().0);
        Ok(0)
    }

    fn decode(&self, payload: &[u8], row: &mut [f32]) {
        decode(self.simd, payload.as_chunks().0, row);
    }

    fn scorer<'a>(&'a self, query: &[f32]) -> Box<dyn Scorer + 'a> {
        Box::new(Decoded {
            codec: self,
            query: query.to_vec(),
        })
    }
}

struct Decoded<'a> {
    codec: &'a Half,
    query: Vec<f32>,
}

impl Scorer for Decoded<'_> {
    fn score(&self, records: &[u8], stride: usize, scores: &mut [f32]) {
        let payload = 2 * self.query.len();
        check_records(records, stride, payload, scores.len());
        let mut row = vec![0.0; self.query.len()];
        for (at, score) in scores.iter_mut().enumerate() {
            self.codec
                .decode(&records[at * stride..][..payload], &mut row);
            let row = bytemuck::cast_slice(&row);
            inner_products(
                self.codec.simd,
                &self.query,
                row,
                0,
                std::slice::from_mut(score),
            );
        }
    }
}

#[inline(always)]
fn rounded(value: f32) -> u16 {
    let bits = value.to_bits();
    let size = bits & 0x7FFF_FFFF;
    // The unit of a sum with a half is that of subnormal halves: the addition rounds.
    let subnormal = (f32::from_bits(size) + 0.5)
        .to_bits()
        .wrapping_sub(0.5_f32.to_bits());
    let even = (size >> 13) & 1;
    let normal = size
        .wrapping_sub((127 - 15) << 23)
        .wrapping_add(0xFFF + even)
        >> 13;
    let rounded = if size < LEAST_NORMAL {
        subnormal
    } else {
        normal
    };
    (rounded | (bits >> 16 & 0x8000)) as u16
}

#[inline(always)]
fn widened(half: u16) -> f32 {
    let size = u32::from(half & 0x7FFF) << 13;
    // Exact, of subnormals too: a product with a power of two.
    let value = f32::from_bits(size) * f32::from_bits((127 + 112) << 23);
    let special = if half & 0x7C00 == 0x7C00 {
        0x7F80_0000
    } else {
        0
    };
    f32::from_bits(value.to_bits() | special | (u32::from(half & 0x8000) << 16))
}

#[inline(always)]
fn encode_plain(row: &[f32], halves: &mut [[u8; 2]]) {
    for (half, &value) in halves.iter_mut().zip(row) {
        *half = rounded(value).to_le_bytes();
    }
}

#[inline(always)]
fn decode_plain(halves: &[[u8; 2]], row: &mut [f32]) {
    for (value, &half) in row.iter_mut().zip(halves) {
        *value = widened(u16::from_le_bytes(half));
    }
}

compiled_for_each! {
    fn encode(row: &[f32], halves: &mut [[u8; 2]]) = encode_plain
}

compiled_for_each! {
    fn decode(halves: &[[u8; 2]], row: &mut [f32]) = decode_plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_half_that_is_finite_comes_back() {
        for half in (0..=u16::MAX).filter(|half| half & 0x7C00 != 0x7C00) {
            assert_eq!(rounded(widened(half)), half);
        }
        assert_eq!(widened(0x7C00), f32::INFINITY);
        assert!(widened(0xFE00).is_nan());
        assert_eq!((widened(1), widened(0x3C00)), (2.0_f32.powi(-24), 1.0));
        assert_eq!((widened(0x7BFF), widened(0xC000)), (65_504.0, -2.0));
    }

    #[test]
    fn the_nearest_half_is_taken_and_of_two_the_even_one() {
        for half in 0..0x7BFF_u16 {
            let (low, high) = (f64::from(widened(half)), f64::from(widened(half + 1)));
            // Halves have 11 bits: what lies between two of them is a float.
            let middle = f64::midpoint(low, high) as f32;
            assert_eq!(rounded(middle), half + (half & 1));
            assert_eq!(rounded(middle.next_down()), half);
            assert_eq!(rounded(middle.next_up()), half + 1);
            assert_eq!(rounded(-middle.next_up()), (half + 1) | 0x8000);
        }
        assert_eq!(rounded(f32::from_bits(1)), 0);
        assert_eq!(rounded(-0.0), 0x8000);
        assert_eq!(rounded(OVERFLOW.next_down()), 0x7BFF);
    }
}
