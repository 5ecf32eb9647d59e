//! What a run is held against: the exact nearest vectors of every query.

use std::path::{Path, PathBuf};

use plimsoll_workload::{Failure, manifest};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::answers::{Answer, Answers};
use crate::codec::{Codec, Full};
use crate::params::Params;
use crate::search::{Hit, Top, scan};

/// Bytes of the vectors that are made at a time: every query is held against them while they are near.
const BLOCK: usize = 1 << 20;

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Manifest {
    /// Queries there are answers to.
    queries: usize,
}

fn path(directory: &Path) -> PathBuf {
    directory.join("truth")
}

/// Makes the inputs in `directory`, with all processors.
///
/// # Errors
/// A parameter is out of range; the file cannot be written.
pub(crate) fn prepare(params: &Params, directory: &Path) -> Result<(), Failure> {
    params.check()?;
    let queries = params.queries;
    if queries > 0 {
        truth(params)?.write(&path(directory))?;
    }
    manifest::write(directory, &Manifest { queries })
}

/// The exact answer to each query; none where there are no queries.
///
/// # Errors
/// There are no inputs, or they are damaged, or of other parameters.
pub(crate) fn open(params: &Params, directory: &Path) -> Result<Answers, Failure> {
    let manifest: Manifest = manifest::read(directory)?;
    if manifest.queries == 0 && params.queries == 0 {
        return Ok(Answers::default());
    }
    let truth = Answers::read(&path(directory))?;
    let k = params.k.min(params.n);
    let is_right = |answer: &Answer| {
        let known = |hit: &Hit| hit.index < params.n as u64;
        answer.nearest.len() == k && answer.nearest.iter().all(known)
    };
    if truth.0.len() != params.queries || !truth.0.iter().all(is_right) {
        let what = "it has not the nearest of these queries";
        return Err(manifest::damaged(&path(directory), &what));
    }
    Ok(truth)
}

fn truth(params: &Params) -> Result<Answers, Failure> {
    let generator = params.generator()?;
    let (n, dim) = (params.n, params.dim);
    let k = params.k.min(n);
    let exact = Full::new(dim).map_err(|error| Failure::Input(error.to_string()))?;
    let searches = (0..params.queries as u64).map(|number| {
        let mut query = vec![0.0; dim];
        generator.query(number, &mut query);
        (exact.scorer(&query), Top::new(k))
    });
    let mut searches: Vec<_> = searches.collect();
    let per_block = (BLOCK / (4 * dim)).clamp(1, n);
    let mut rows = vec![0.0_f32; per_block * dim];
    for first in (0..n).step_by(per_block) {
        let rows = &mut rows[..per_block.min(n - first) * dim];
        generator.rows_in_parallel(first as u64, rows);
        let bytes: &[u8] = bytemuck::cast_slice(rows);
        searches.par_iter_mut().for_each(|(scorer, top)| {
            scan(
                &**scorer,
                bytes,
                4 * dim,
                rows.len() / dim,
                first as u64,
                top,
            );
        });
    }
    let answers = searches.into_iter().map(|(_, top)| Answer {
        nearest: top.into_hits(),
        by_code: Vec::new(),
    });
    Ok(Answers(answers.collect()))
}
