//! The generator: tables of centres and directions, and vectors mixed from them.

use super::Profile;
use super::mixture::Mixture;
use super::random::Rng;
use crate::formats::MOST_DIMENSIONS;
use crate::rows::{Rows, RowsError, asked_for};

/// Streams of random numbers. Beside that of a part (see [`Part::stream`]) lie, at these distances, its others.
const MEAN: u64 = 1;
const TOPICS: u64 = 2;
const SUBS: u64 = 3;
const BASIS: u64 = 4;
const SUB_MAP: u64 = 5;
const COPY: u64 = 16;
const NOISE: u64 = 32;

/// Which of the generated vectors: those in the index, or those it is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Vectors of the index; some are copies or near copies of others.
    Base,
    /// Queries.
    Queries,
}

impl Part {
    fn stream(self) -> u64 {
        match self {
            Self::Base => 16,
            Self::Queries => 17,
        }
    }
}

/// Vectors of this length cannot be generated.
#[derive(Debug, thiserror::Error)]
#[error("vectors of {dim} dimensions cannot be generated; dim must be from 1 to 65536")]
pub struct GeneratorError {
    /// What was asked for.
    pub dim: usize,
}

/// Makes vectors of length 1 from their indices.
#[derive(Debug)]
pub struct Generator {
    dim: usize,
    seed: u64,
    mixture: Mixture,
    /// What makes the length of `dim` normals about 1.
    scale: f32,
    mean: Vec<f32>,
    topics: Vec<f32>,
    subs: Vec<f32>,
    basis: Vec<f32>,
    /// Falling weights of the directions inside a cluster.
    spectrum: Vec<f32>,
}

impl Generator {
    /// Makes the tables: about 1,350 vectors for the standard profile.
    ///
    /// # Errors
    /// `dim` is 0 or above 65,536.
    pub fn new(dim: usize, seed: u64, profile: Profile) -> Result<Self, GeneratorError> {
        if !(1..=MOST_DIMENSIONS).contains(&dim) {
            return Err(GeneratorError { dim });
        }
        let mixture = profile.mixture();
        let scale = 1.0 / (dim as f32).sqrt();
        let table = |stream, entries: u64| -> Vec<f32> {
            let entry = |index| {
                let mut random = Rng::new(seed, stream, index);
                (0..dim).map(move |_| random.normal() * scale)
            };
            (0..entries).flat_map(entry).collect()
        };
        let share = |k: u64| 1.0 / (k + 1) as f64;
        let all: f64 = (0..mixture.latent).map(share).sum();
        let spectrum = (0..mixture.latent).map(|k| (share(k) / all).sqrt() as f32);
        Ok(Self {
            dim,
            seed,
            mixture,
            scale,
            mean: table(MEAN, 1),
            topics: table(TOPICS, mixture.topics),
            subs: table(SUBS, mixture.topics * mixture.subs),
            basis: table(BASIS, mixture.basis),
            spectrum: spectrum.collect(),
        })
    }

    /// The first `len` vectors of a part, as rows.
    #[must_use]
    pub fn rows(&self, part: Part, len: usize) -> Generated<'_> {
        Generated {
            generator: self,
            part,
            len,
        }
    }

    /// Writes vector `index` of a part to `x`, of length `dim`.
    fn vector(&self, part: Part, index: u64, x: &mut [f32]) {
        let stream = part.stream();
        let (of, noise_of) = self.sources(part, index);
        let mut random = Rng::new(self.seed, stream, of);
        let cluster = self.cluster(random.unit());
        let radius = 0.5 + random.unit();
        self.centre(cluster, x);
        let mut map = Rng::new(self.seed, SUB_MAP, cluster);
        let first = map.next() % self.mixture.basis;
        let step = (map.next() % self.mixture.basis) | 1;
        for (k, weight) in (0..).zip(&self.spectrum) {
            let z = ((random.normal() * weight) * self.mixture.local) * radius;
            let direction = entry(
                &self.basis,
                self.dim,
                (first + k * step) % self.mixture.basis,
            );
            for (x, direction) in x.iter_mut().zip(direction) {
                *x += z * direction;
            }
        }
        let mut noise = Rng::new(self.seed, stream + NOISE, noise_of);
        let weight = self.mixture.noise * self.scale;
        for x in x.iter_mut() {
            *x += weight * noise.normal();
        }
        normalise(x);
    }

    /// The indices whose streams give the vector, and its noise: its own, but for copies and near copies of others.
    fn sources(&self, part: Part, index: u64) -> (u64, u64) {
        if part == Part::Queries || index == 0 {
            return (index, index);
        }
        let mut random = Rng::new(self.seed, part.stream() + COPY, index);
        let roll = random.next() & 0xffff;
        let other = random.next() % index;
        if roll < self.mixture.copies {
            (other, other)
        } else if roll < self.mixture.copies + self.mixture.near_copies {
            (other, index)
        } else {
            (index, index)
        }
    }

    /// The first clusters are the popular ones.
    fn cluster(&self, u: f32) -> u64 {
        let clusters = self.mixture.topics * self.mixture.subs;
        // Truncation is the floor of what is not negative.
        (((u * u) * clusters as f32) as u64).min(clusters - 1)
    }

    fn centre(&self, cluster: u64, x: &mut [f32]) {
        let topic = entry(&self.topics, self.dim, cluster % self.mixture.topics);
        let sub = entry(&self.subs, self.dim, cluster);
        let weights = self.mixture;
        for (((x, mean), topic), sub) in x.iter_mut().zip(&self.mean).zip(topic).zip(sub) {
            *x = (weights.mean * mean + weights.topic * topic) + weights.sub * sub;
        }
    }
}

fn entry(table: &[f32], dim: usize, index: u64) -> &[f32] {
    let first = index as usize * dim;
    &table[first..first + dim]
}

/// Brings a vector to length 1; the sum is taken from the first coordinate on.
fn normalise(x: &mut [f32]) {
    let mut squares = 0.0_f64;
    for x in &*x {
        squares += f64::from(*x) * f64::from(*x);
    }
    let scale = 1.0 / squares.sqrt();
    for x in x {
        *x = (f64::from(*x) * scale) as f32;
    }
}

/// The first vectors of a part; see [`Generator::rows`].
#[derive(Debug, Clone, Copy)]
pub struct Generated<'a> {
    generator: &'a Generator,
    part: Part,
    len: usize,
}

impl Rows for Generated<'_> {
    fn len(&self) -> usize {
        self.len
    }

    fn dim(&self) -> usize {
        self.generator.dim
    }

    fn read(&self, first: usize, out: &mut [f32]) -> Result<(), RowsError> {
        asked_for(self, first, out.len())?;
        for (index, row) in (first as u64..).zip(out.chunks_exact_mut(self.generator.dim)) {
            self.generator.vector(self.part, index, row);
        }
        Ok(())
    }
}
