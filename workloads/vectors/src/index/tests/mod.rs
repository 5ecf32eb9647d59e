//! Tests of the index as a whole, and vectors to test with.

mod account;
mod build;
mod bulk;
mod checkpoint;
mod file;
mod lean;
mod search;
mod spill;

use std::ops::Range;

use super::codes::Codes;
use super::encode::{Encoded, encode};
use super::kernels::Kernel;
use super::{Index, Means, Params, Resources, Width};
use crate::generate::{Generator, Part, Profile};
use crate::rows::{Rows, RowsError, asked_for};

/// Vectors in memory.
#[derive(Debug, Clone)]
pub(super) struct VecRows {
    dim: usize,
    values: Vec<f32>,
}

impl VecRows {
    pub(super) fn new(dim: usize, values: Vec<f32>) -> Self {
        assert!(values.len().is_multiple_of(dim));
        Self { dim, values }
    }

    pub(super) fn row(&self, id: usize) -> &[f32] {
        &self.values[id * self.dim..][..self.dim]
    }

    /// Makes all coordinates of these rows the same.
    pub(super) fn fill(&mut self, rows: Range<usize>, value: f32) {
        self.values[rows.start * self.dim..rows.end * self.dim].fill(value);
    }
}

impl Rows for VecRows {
    fn len(&self) -> usize {
        self.values.len() / self.dim
    }

    fn dim(&self) -> usize {
        self.dim
    }

    fn read(&self, first: usize, out: &mut [f32]) -> Result<(), RowsError> {
        asked_for(self, first, out.len())?;
        out.copy_from_slice(&self.values[first * self.dim..][..out.len()]);
        Ok(())
    }
}

/// Vectors of a part of the generator's standard profile.
pub(super) fn part(part: Part, len: usize, dim: usize) -> VecRows {
    let generator = Generator::new(dim, 7, Profile::Standard).unwrap();
    let mut values = vec![0.0; len * dim];
    generator.rows(part, len).read(0, &mut values).unwrap();
    VecRows::new(dim, values)
}

/// The first `len` vectors of the generator.
pub(super) fn generated(len: usize, dim: usize) -> VecRows {
    part(Part::Base, len, dim)
}

/// Small, so that lists overflow and levels are many.
pub(super) const SMALL: Params = Params {
    m: 6,
    ef_construction: 40,
    level_seed: 1,
    width: Width::Eight,
};

/// An index over `rows`, with [`SMALL`] parameters, which keeps its invariants.
pub(super) fn built(rows: &dyn Rows) -> Index {
    let index = Index::build(rows, SMALL, 2, &mut |_| ()).unwrap();
    index.check().unwrap();
    index
}

/// What is saved of an index.
pub(super) fn bytes(index: &Index) -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    index.write(&mut bytes).unwrap();
    bytes.into_inner()
}

/// The codes of vectors, without an index.
pub(super) struct Coding {
    encoded: Encoded,
    dim: usize,
}

impl Coding {
    pub(super) fn codes(&self, kernel: Kernel) -> Codes<'_> {
        Codes::new(
            &self.encoded.codes,
            &self.encoded.sides,
            self.dim,
            Width::Eight,
            kernel,
        )
    }
}

/// Codes vectors.
pub(super) fn coded(rows: &VecRows) -> Coding {
    let threads = super::threads::Threads::new(1);
    let means = Means::from(Resources::new(1));
    Coding {
        encoded: encode(rows, Width::Eight, &threads.unwrap(), &means).unwrap(),
        dim: rows.dim,
    }
}
