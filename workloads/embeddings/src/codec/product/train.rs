//! Training of a codebook: each part by itself, on as many threads as there are.

use rayon::prelude::*;

use super::codebook::CENTROIDS;
use super::kmeans::centroids;
use crate::data::shuffled;
use crate::simd::Simd;

/// The codebook, part by part and in each centroid by centroid.
pub(super) fn train(
    simd: Simd,
    dimension: usize,
    width: usize,
    rows: &[f32],
    seed: u64,
) -> Vec<f32> {
    // A row is at most 2^20 values and there are at most 2^16.
    let mut starts = shuffled(seed, (rows.len() / dimension) as u32);
    starts.truncate(CENTROIDS);
    let mut codebook = vec![0.0; CENTROIDS * dimension];
    let parts = codebook.par_chunks_exact_mut(CENTROIDS * width);
    parts.enumerate().for_each(|(part, to)| {
        let of_row = |row: &[f32]| row[part * width..][..width].to_vec();
        let values: Vec<f32> = rows.chunks_exact(dimension).flat_map(of_row).collect();
        for (centroid, &row) in to.chunks_exact_mut(width).zip(&starts) {
            centroid.copy_from_slice(&values[row as usize * width..][..width]);
        }
        centroids(simd, &values, width, to);
    });
    codebook
}
