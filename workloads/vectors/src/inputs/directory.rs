//! The files of a directory of inputs.

use std::path::{Path, PathBuf};

use plimsoll_workload::{Failure, manifest};
use serde::{Deserialize, Serialize};

use crate::digest;
use crate::formats::{FileRows, Ids};
use crate::rows::{Rows, RowsError};
use crate::truth::{Near, squared_distance};

pub(super) const BASE: &str = "base.fbin";
pub(super) const QUERIES: &str = "queries.fbin";
pub(super) const TRUTH: &str = "truth.ivecs";

/// Vectors and queries of one dimension, none of them in memory, and the ids of each query's true neighbours.
#[derive(Debug)]
pub struct Inputs {
    directory: PathBuf,
    base: FileRows,
    queries: FileRows,
    truth: Ids,
    digest: String,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Manifest {
    /// Of both files of vectors.
    input: String,
}

impl Inputs {
    /// What [`prepare`](Self::prepare) left in `directory`.
    ///
    /// # Errors
    /// There is nothing, or something cannot be read, or does not belong to the rest.
    pub fn open(directory: &Path) -> Result<Self, Failure> {
        let manifest: Manifest = manifest::read(directory)?;
        let damaged = |what| manifest::damaged(directory, what);
        let base = FileRows::open(&directory.join(BASE))?;
        let queries = FileRows::open(&directory.join(QUERIES))?;
        let truth = Ids::read(&directory.join(TRUTH))?;
        if queries.dim() != base.dim() {
            return Err(damaged(&"vectors and queries differ in dimension"));
        }
        if truth.rows().len() != queries.len() {
            return Err(damaged(&"not every query has its neighbours"));
        }
        let missing = |id: &u32| *id as usize >= base.len();
        if truth.rows().flatten().any(missing) {
            return Err(damaged(&"there are neighbours that are no vectors"));
        }
        Ok(Self {
            directory: directory.into(),
            base,
            queries,
            truth,
            digest: manifest.input,
        })
    }

    /// The vectors of the index.
    #[must_use]
    pub fn base(&self) -> &FileRows {
        &self.base
    }

    /// What it is asked for, in the same dimension.
    #[must_use]
    pub fn queries(&self) -> &FileRows {
        &self.queries
    }

    /// Query `index`.
    ///
    /// # Errors
    /// There is none, or it cannot be read.
    pub fn query(&self, index: usize) -> Result<Vec<f32>, RowsError> {
        let mut query = vec![0.0; self.queries.dim()];
        self.queries.read(index, &mut query)?;
        Ok(query)
    }

    /// Exact distances of vectors from a query, in the order of answers.
    ///
    /// # Errors
    /// There are no such vectors, or they cannot be read.
    pub fn exactly(
        &self,
        query: &[f32],
        ids: impl IntoIterator<Item = u32>,
    ) -> Result<Vec<Near>, RowsError> {
        let mut vector = vec![0.0; self.base.dim()];
        let mut found = Vec::new();
        for id in ids {
            self.base.read(id as usize, &mut vector)?;
            let distance = squared_distance(&vector, query);
            found.push(Near { id, distance });
        }
        found.sort_by(Near::order);
        Ok(found)
    }

    /// The true neighbours of each query, with exact distances.
    ///
    /// # Errors
    /// A vector cannot be read.
    pub fn truth(&self) -> Result<Vec<Vec<Near>>, RowsError> {
        let rows = self.truth.rows().enumerate();
        rows.map(|(index, ids)| self.exactly(&self.query(index)?, ids.iter().copied()))
            .collect()
    }

    /// The digest of vectors and queries, taken anew.
    ///
    /// # Errors
    /// They cannot be read, or are not those that were prepared.
    pub fn digest(&self) -> Result<String, Failure> {
        let found = Self::digest_in(&self.directory)?;
        if found == self.digest {
            return Ok(found);
        }
        Err(Failure::Input(format!(
            "the vectors in {} are not those that were prepared; make the inputs again",
            self.directory.display()
        )))
    }

    fn digest_in(directory: &Path) -> Result<String, Failure> {
        digest::of_files([&directory.join(BASE), &directory.join(QUERIES)])
    }

    /// Seals a directory that has all the files.
    pub(super) fn seal(directory: &Path) -> Result<(), Failure> {
        let manifest = Manifest {
            input: Self::digest_in(directory)?,
        };
        manifest::write(directory, &manifest)
    }
}
