//! Making the inputs: generated vectors, or copies of given ones, and the true neighbours of every query.

use std::path::Path;

use plimsoll_workload::Failure;

use super::directory::{BASE, Inputs, QUERIES, TRUTH};
use crate::formats::{FileRows, Ids, copy_vectors, write_vectors};
use crate::generate::{Generator, Part};
use crate::params::Params;
use crate::rows::Rows;
use crate::truth::scan;

impl Inputs {
    /// Makes the inputs in `directory`: the vectors and the queries as `.fbin`, their values known to be finite, and the `k` true neighbours of each query
    /// (all vectors, where there are fewer) as `.ivecs`. Uses all processors.
    ///
    /// # Errors
    /// A parameter is out of range; a given file is refused, or the two differ in dimension; a file cannot be written.
    pub fn prepare(params: &Params, directory: &Path) -> Result<(), Failure> {
        params.check()?;
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        let (base, queries) = (directory.join(BASE), directory.join(QUERIES));
        if let (Some(base_file), Some(query_file)) = (&params.base_file, &params.query_file) {
            let dim = copy_vectors(base_file, &base)?;
            let asked = copy_vectors(query_file, &queries)?;
            if asked != dim {
                return Err(Failure::Input(format!(
                    "{} has vectors of dimension {dim}, and {} of {asked}; give queries of the same dimension",
                    base_file.display(),
                    query_file.display()
                )));
            }
        } else {
            let generator = Generator::new(params.dim, params.seed, params.profile)
                .map_err(|error| Failure::Input(error.to_string()))?;
            write_vectors(&base, &generator.rows(Part::Base, params.n), threads)?;
            write_vectors(
                &queries,
                &generator.rows(Part::Queries, params.queries),
                threads,
            )?;
        }
        find_truth(&base, &queries, params.k, &directory.join(TRUTH), threads)?;
        Self::seal(directory)
    }
}

fn find_truth(
    base: &Path,
    queries: &Path,
    k: usize,
    to: &Path,
    threads: usize,
) -> Result<(), Failure> {
    let (base, queries) = (FileRows::open(base)?, FileRows::open(queries)?);
    let k = k.min(base.len());
    let truth =
        scan(&base, &queries, k, threads).map_err(|error| Failure::Other(error.to_string()))?;
    let ids = truth.iter().flatten().map(|near| near.id).collect();
    Ok(Ids::new(k, ids).write(to)?)
}
