//! The centroids of all parts.

use crate::codec::floats;

/// Centroids of a part, one for each code.
pub(super) const CENTROIDS: usize = 256;

/// Centroids part by part, in two orders: one to copy a centroid from, one to compare with all at once.
#[derive(Debug, Clone)]
pub(super) struct Codebook {
    /// Part by part, in each centroid by centroid, as they lie in a store.
    by_centroid: Vec<f32>,
    /// Part by part, in each value by value.
    by_value: Vec<f32>,
    /// Values of a part.
    width: usize,
}

impl Codebook {
    /// Of `by_centroid`, part by part, whose parts have `width` values.
    pub(super) fn new(by_centroid: Vec<f32>, width: usize) -> Self {
        let mut by_value = vec![0.0; by_centroid.len()];
        let part = CENTROIDS * width;
        for (from, to) in by_centroid
            .chunks_exact(part)
            .zip(by_value.chunks_exact_mut(part))
        {
            transpose(from, width, to);
        }
        Self {
            by_centroid,
            by_value,
            width,
        }
    }

    /// How many parts a vector has.
    pub(super) fn parts(&self) -> usize {
        self.by_centroid.len() / (CENTROIDS * self.width)
    }

    /// Values of a part.
    pub(super) fn width(&self) -> usize {
        self.width
    }

    /// The centroid of a part for a code.
    pub(super) fn centroid(&self, part: usize, code: u8) -> &[f32] {
        let at = (part * CENTROIDS + usize::from(code)) * self.width;
        &self.by_centroid[at..][..self.width]
    }

    /// The centroids of a part, value by value.
    pub(super) fn by_value(&self, part: usize) -> &[f32] {
        let size = CENTROIDS * self.width;
        &self.by_value[part * size..][..size]
    }

    /// As it lies in a store.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        floats::bytes(self.by_centroid.iter().copied())
    }
}

/// Centroids of one part, value by value.
pub(super) fn transpose(by_centroid: &[f32], width: usize, by_value: &mut [f32]) {
    for (centroid, values) in by_centroid.chunks_exact(width).enumerate() {
        for (at, value) in values.iter().enumerate() {
            by_value[at * CENTROIDS + centroid] = *value;
        }
    }
}
