//! Lloyd's algorithm (1957, 1982) for the centroids of one part.

use super::codebook::{CENTROIDS, transpose};
use super::nearest::{distances, first};
use crate::simd::Simd;

/// Rounds at most.
const ROUNDS: usize = 25;

/// A round that gains less than this share of the error is the last.
const LEAST_GAIN: f64 = 1e-4;

/// Moves the centroids of `values`, which lie one after the other, until that hardly helps.
///
/// Distances are those of [`distances`], sums are in `f64` in the order of the values: the same on every machine.
pub(super) fn centroids(simd: Simd, values: &[f32], width: usize, centroids: &mut [f32]) {
    let mut by_value = vec![0.0; centroids.len()];
    let mut errors = vec![0.0_f32; values.len() / width];
    let mut before = f64::INFINITY;
    for _ in 0..ROUNDS {
        transpose(centroids, width, &mut by_value);
        let mut cells = Cells::new(width);
        let mut sums = [0.0; CENTROIDS];
        for (values, error) in values.chunks_exact(width).zip(&mut errors) {
            *error = distances(simd, values, &by_value, &mut sums);
            cells.add(first(simd, &sums, *error), values);
        }
        let all: f64 = errors.iter().copied().map(f64::from).sum();
        cells.means(values, &mut errors, centroids);
        if before - all <= LEAST_GAIN * before && before.is_finite() {
            return;
        }
        before = all;
    }
}

/// Sums of the values that are nearest to each centroid.
struct Cells {
    sums: Vec<f64>,
    counts: [u32; CENTROIDS],
    width: usize,
}

impl Cells {
    fn new(width: usize) -> Self {
        Self {
            sums: vec![0.0; CENTROIDS * width],
            counts: [0; CENTROIDS],
            width,
        }
    }

    fn add(&mut self, cell: u8, values: &[f32]) {
        let cell = usize::from(cell);
        self.counts[cell] += 1;
        for (sum, &value) in self.sums[cell * self.width..].iter_mut().zip(values) {
            *sum += f64::from(value);
        }
    }

    /// Writes the mean of each cell; an empty one takes the values farthest from their centroid, each once.
    fn means(&self, values: &[f32], errors: &mut [f32], centroids: &mut [f32]) {
        let cells = self.sums.chunks_exact(self.width).zip(self.counts);
        for ((sums, count), centroid) in cells.zip(centroids.chunks_exact_mut(self.width)) {
            if count > 0 {
                for (value, sum) in centroid.iter_mut().zip(sums) {
                    *value = (sum / f64::from(count)) as f32;
                }
            } else if let Some(row) = farthest(errors) {
                errors[row] = 0.0;
                centroid.copy_from_slice(&values[row * self.width..][..self.width]);
            }
        }
    }
}

/// The first of the greatest errors, if there is any.
fn farthest(errors: &[f32]) -> Option<usize> {
    let mut farthest = (0.0, None);
    for (row, &error) in errors.iter().enumerate() {
        if error > farthest.0 {
            farthest = (error, Some(row));
        }
    }
    farthest.1
}
