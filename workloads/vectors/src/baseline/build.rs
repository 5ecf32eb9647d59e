//! Building by chunks in parallel, and dumping into two files.

use hnsw_rs::api::AnnT;
use hnsw_rs::hnsw::Hnsw;
use hnsw_rs::prelude::DistL2;
use plimsoll_workload::Failure;
use rayon::{ThreadPool, ThreadPoolBuilder};

use super::NAME;
use super::estimate::Estimate;
use crate::job::{Building, Chunks, Job};
use crate::measures;
use crate::rows::Rows;

/// Least number of vectors that the program had room reserved for.
const RESERVED: usize = 1_000_000;

/// Levels that the program gave its graph; a dump needs just as many.
const LEVELS: usize = 16;

/// What is held, in the ledger.
const VECTORS: &str = "vectors";
const COPIES: &str = "vectors in the index";

type Index = Hnsw<'static, f32, DistL2>;

pub(super) fn build(job: &Job<'_>) -> Result<(), Failure> {
    let (context, params) = (job.context, job.params);
    let estimate = context.phase("estimate", || Estimate::of(job));
    measures::report(context, measures::ESTIMATED_MEMORY, estimate.peak() as f64);
    let building = Building::begin(job);
    let vectors = context.phase("read", || read(job))?;
    let pool = ThreadPoolBuilder::new()
        .num_threads(context.threads())
        .build()
        .map_err(|error| {
            Failure::Other(format!("starting threads: {error}; allow more of them"))
        })?;
    let index = Index::new(
        params.m,
        vectors.len().max(RESERVED),
        LEVELS,
        params.ef_construction,
        DistL2,
    );
    let inserted = context.phase("build", || insert(job, &pool, &vectors, &index));
    if !inserted {
        return Ok(());
    }
    building.done(job, 0);
    let saved = context.phase("save", || index.file_dump(context.scratch(), NAME));
    let name = saved.map_err(|error| Failure::Other(format!("dumping the index: {error}")))?;
    let mut bytes = 0;
    for part in ["graph", "data"] {
        let path = job.scratch(&format!("{name}.hnsw.{part}"));
        let metadata = std::fs::metadata(&path);
        bytes += metadata
            .map_err(|error| Failure::io("reading", &path, error))?
            .len();
    }
    Building::saved(job, bytes);
    drop((index, vectors));
    context.ledger(VECTORS).set(0);
    context.ledger(COPIES).set(0);
    Ok(())
}

/// Every vector in memory of its own.
fn read(job: &Job<'_>) -> Result<Vec<Vec<f32>>, Failure> {
    let base = job.inputs.base();
    let held = job.context.ledger(VECTORS);
    let mut vectors = Vec::new();
    for index in 0..base.len() {
        let mut vector = vec![0.0; base.dim()];
        base.read(index, &mut vector)
            .map_err(|error| Failure::Other(error.to_string()))?;
        held.add(bytes_of(1, base.dim()));
        vectors.push(vector);
    }
    Ok(vectors)
}

/// Inserts chunk after chunk; false where it was told to leave in between.
fn insert(job: &Job<'_>, pool: &ThreadPool, vectors: &[Vec<f32>], index: &Index) -> bool {
    let (dim, context) = (job.inputs.base().dim(), job.context);
    let mut progress = Chunks::begin(job);
    let mut inserted = 0;
    progress.done(inserted);
    let chunks = context.ledger("chunk");
    let copies = context.ledger(COPIES);
    for (number, chunk) in vectors.chunks(job.params.chunk).enumerate() {
        if context.cancelled() {
            return false;
        }
        let cloned = chunk.to_vec();
        chunks.set(bytes_of(cloned.len(), dim));
        let first = number * job.params.chunk;
        let with_ids: Vec<_> = cloned.iter().zip(first..).collect();
        pool.install(|| index.parallel_insert(&with_ids));
        copies.add(bytes_of(cloned.len(), dim));
        inserted += cloned.len() as u64;
        progress.done(inserted);
        drop(cloned);
        chunks.set(0);
    }
    true
}

/// Values of vectors that are one allocation each, and the handles to them.
fn bytes_of(count: usize, dim: usize) -> u64 {
    (count * (dim * size_of::<f32>() + size_of::<Vec<f32>>())) as u64
}
