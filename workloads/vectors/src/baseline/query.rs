//! Reading the two files back into memory, and searching.

use hnsw_rs::hnsw::{Hnsw, Neighbour};
use hnsw_rs::hnswio::HnswIo;
use hnsw_rs::prelude::DistL2;
use plimsoll_workload::Failure;

use super::NAME;
use crate::inputs::Inputs;
use crate::job::{Job, Loaded, ask};
use crate::truth::Near;

pub(super) fn query(job: &Job<'_>) -> Result<(), Failure> {
    let graph = job.scratch(&format!("{NAME}.hnsw.graph"));
    if !graph.is_file() {
        // The crate would panic.
        return Err(Failure::Input(format!(
            "there is no index in {}; run the step build first",
            job.context.scratch().display()
        )));
    }
    let mut files = HnswIo::new(job.context.scratch(), NAME);
    let index = job
        .context
        .phase("load", || files.load_hnsw::<f32, DistL2>())
        .map_err(|error| Failure::Other(format!("loading the index: {error}")))?;
    ask(
        job,
        &mut Searching {
            index,
            inputs: job.inputs,
        },
    )
    .map(drop)
}

struct Searching<'a> {
    index: Hnsw<'a, f32, DistL2>,
    inputs: &'a Inputs,
}

impl Loaded for Searching<'_> {
    type Found = Vec<Neighbour>;

    fn search(&mut self, query: &[f32], ef: usize, k: usize) -> Result<Self::Found, Failure> {
        Ok(self.index.search(query, k, ef))
    }

    fn answer(&mut self, query: &[f32], found: Self::Found) -> Result<Vec<Near>, Failure> {
        let ids = found.iter().map(|neighbour| neighbour.d_id as u32);
        self.inputs
            .exactly(query, ids)
            .map_err(|error| Failure::Other(error.to_string()))
    }
}
