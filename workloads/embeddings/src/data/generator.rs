//! Vectors from their numbers: centre of a cluster, latent part and noise in integers, and one division at the end.
//!
//! Nothing but the directions of the latent part is kept, 64 bytes a dimension: centres are made again for every vector.

use rayon::prelude::*;

use super::adversarial;
use super::bells::add_bells;
use super::error::GeneratorError;
use super::latent::Latent;
use super::random::{seeds, word};
use super::set::DataSet;
use crate::simd::{Simd, compiled_for_each};

/// Queries are the vectors from this number on.
pub const QUERIES_FROM: u64 = 1 << 40;

/// The most clusters there can be.
pub const MOST_CLUSTERS: u64 = 1 << 32;

/// The most values of a vector.
const MOST_DIMENSIONS: usize = 1 << 20;

/// Makes vectors, queries and ids of one data set. A vector depends on set, dimension, clusters, seed and its number,
/// and on nothing else.
#[derive(Debug)]
pub struct Generator {
    set: DataSet,
    dimension: usize,
    clusters: u64,
    seeds: [u64; 8],
    latent: Option<Latent>,
    simd: Simd,
}

impl Generator {
    /// Makes the directions of the latent part.
    ///
    /// # Errors
    /// `dimension` is 0 or above 1,048,576, or `clusters` 0 or above [`MOST_CLUSTERS`].
    pub fn new(
        set: DataSet,
        dimension: usize,
        clusters: u64,
        seed: u64,
    ) -> Result<Self, GeneratorError> {
        if !(1..=MOST_DIMENSIONS).contains(&dimension) {
            return Err(GeneratorError::Dimension(dimension));
        }
        if !(1..=MOST_CLUSTERS).contains(&clusters) {
            return Err(GeneratorError::Clusters(clusters));
        }
        let seeds = seeds(seed);
        let (latent, _) = set.mixture();
        Ok(Self {
            set,
            dimension,
            clusters,
            seeds,
            latent: latent.then(|| Latent::new(seeds[1], dimension)),
            simd: Simd::best(),
        })
    }

    /// How many clusters so many vectors have unless said otherwise: one for each hundred.
    #[must_use]
    pub const fn usual_clusters(rows: u64) -> u64 {
        if rows < 100 { 1 } else { rows / 100 }
    }

    /// The same vectors, made by other instructions.
    #[must_use]
    pub const fn with_simd(mut self, simd: Simd) -> Self {
        self.simd = simd;
        self
    }

    /// Values of a vector.
    #[must_use]
    pub const fn dimension(&self) -> usize {
        self.dimension
    }

    /// Writes vector `index` to `row`.
    ///
    /// # Panics
    /// `row` is not of [`dimension`](Self::dimension) values.
    pub fn row(&self, index: u64, row: &mut [f32]) {
        assert_eq!(row.len(), self.dimension, "values of a row");
        match self.set {
            DataSet::Default | DataSet::Isotropic => self.mixed(index, row),
            DataSet::Adversarial => {
                let original = adversarial::original(index);
                self.mixed(original, row);
                adversarial::worsen(self.seeds[6], self.seeds[7], original, row);
            }
        }
    }

    /// Writes query `number` to `row`.
    ///
    /// # Panics
    /// As [`row`](Self::row).
    pub fn query(&self, number: u64, row: &mut [f32]) {
        self.row(QUERIES_FROM.wrapping_add(number), row);
    }

    /// Writes the vectors from `first` on to `rows`, one after the other.
    ///
    /// # Panics
    /// `rows` is not of whole vectors.
    pub fn rows(&self, first: u64, rows: &mut [f32]) {
        assert!(rows.len().is_multiple_of(self.dimension), "whole rows");
        for (index, row) in (first..).zip(rows.chunks_exact_mut(self.dimension)) {
            self.row(index, row);
        }
    }

    /// The same by all threads of the current pool.
    ///
    /// # Panics
    /// As [`rows`](Self::rows).
    pub fn rows_in_parallel(&self, first: u64, rows: &mut [f32]) {
        const AT_A_TIME: usize = 64;
        assert!(rows.len().is_multiple_of(self.dimension), "whole rows");
        let pieces = rows.par_chunks_mut(AT_A_TIME * self.dimension);
        pieces.enumerate().for_each(|(at, rows)| {
            self.rows(first + (at * AT_A_TIME) as u64, rows);
        });
    }

    /// The id of vector `index`.
    #[must_use]
    pub fn id(&self, index: u64) -> [u8; 16] {
        let first = index.wrapping_mul(2);
        let words = [first, first.wrapping_add(1)].map(|at| word(self.seeds[5], at).to_le_bytes());
        let mut id = [0; 16];
        id.copy_from_slice(words.as_flattened());
        id
    }

    fn mixed(&self, index: u64, row: &mut [f32]) {
        let [centres, _, cluster, weights, noise, ..] = self.seeds;
        let dimension = self.dimension as u64;
        let cluster = word(cluster, index) % self.clusters;
        // The integers are as large as the floats, and lie in their place until the end.
        let sums: &mut [i32] = bytemuck::cast_slice_mut(row);
        sums.fill(0);
        add_bells(self.simd, centres, cluster * dimension, 16, sums);
        if let Some(latent) = &self.latent {
            latent.add(self.simd, weights, index, sums);
        }
        let (_, weight) = self.set.mixture();
        add_bells(
            self.simd,
            noise,
            index.wrapping_mul(dimension),
            weight,
            sums,
        );
        normalise(self.simd, sums);
    }
}

/// Replaces integers below 2^21 by the bits of themselves over the length of all.
#[inline(always)]
fn unit(values: &mut [i32]) {
    let square = |value: i32| (i64::from(value) * i64::from(value)) as u64;
    // At most 2^20 squares below 2^42. All zero stays zero.
    let length = (values
        .iter()
        .map(|&value| square(value))
        .sum::<u64>()
        .max(1) as f64)
        .sqrt();
    for value in values {
        *value = ((f64::from(*value) / length) as f32).to_bits() as i32;
    }
}

compiled_for_each! {
    fn normalise(values: &mut [i32]) = unit
}
