//! The range of each dimension over the rows of a training.

use super::steps::widen;
use crate::codec::row::{check_dimension, check_row};
use crate::codec::{CodecError, Sq8PerDimension};
use crate::simd::Simd;

/// Least and greatest value of each dimension: rows are added in pieces of any size, and of any share of them.
#[derive(Debug, Clone)]
pub struct Ranges {
    lows: Vec<f32>,
    highs: Vec<f32>,
    rows: usize,
}

impl Ranges {
    /// The ranges of no rows.
    ///
    /// # Errors
    /// No such dimension.
    pub fn new(dimension: usize) -> Result<Self, CodecError> {
        check_dimension(dimension)?;
        Ok(Self {
            lows: vec![f32::INFINITY; dimension],
            highs: vec![f32::NEG_INFINITY; dimension],
            rows: 0,
        })
    }

    /// Widens the ranges to hold these rows, which lie one after the other.
    ///
    /// # Errors
    /// A row with a value that is not finite, or the last one is cut; rows before it are in.
    pub fn add(&mut self, rows: &[f32]) -> Result<(), CodecError> {
        let simd = Simd::best();
        let dimension = self.lows.len();
        for row in rows.chunks(dimension) {
            let at = self.rows;
            check_row(simd, dimension, row)
                .map_err(|problem| CodecError::Row { row: at, problem })?;
            widen(simd, row, &mut self.lows, &mut self.highs);
            self.rows += 1;
        }
        Ok(())
    }

    /// Widens the ranges to hold what others hold. The order of rows and of merges makes no difference.
    ///
    /// # Panics
    /// They are of another dimension.
    pub fn merge(&mut self, other: &Self) {
        assert_eq!(self.lows.len(), other.lows.len(), "dimensions");
        widen(Simd::best(), &other.lows, &mut self.lows, &mut self.highs);
        widen(Simd::best(), &other.highs, &mut self.lows, &mut self.highs);
        self.rows += other.rows;
    }

    /// The codec of these ranges.
    ///
    /// # Errors
    /// No rows, or a range that overflows.
    pub fn codec(&self) -> Result<Sq8PerDimension, CodecError> {
        if self.rows == 0 {
            return Err(CodecError::TooFewRows { rows: 0, needed: 1 });
        }
        // Adding 0 leaves no negative zero.
        let lows: Vec<f32> = self.lows.iter().map(|low| low + 0.0).collect();
        let highs = self.highs.iter().map(|high| high + 0.0);
        let steps: Vec<f32> = highs
            .zip(&lows)
            .map(|(high, low)| (high - low) / 255.0)
            .collect();
        if let Some(dimension) = steps.iter().position(|step| !step.is_finite()) {
            return Err(CodecError::RangeOverflow { dimension });
        }
        Ok(Sq8PerDimension::of_ranges(lows, steps))
    }
}
