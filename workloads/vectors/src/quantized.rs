//! `quantized`: the index of this crate, over codes of eight bits. The vectors themselves stay in their file.

use std::path::PathBuf;

use plimsoll_workload::{Context, Failure};

use crate::index::{Index, IndexError, Params, Searcher, Verify};
use crate::inputs::Inputs;
use crate::job::{Building, Job, Loaded, Steps, ask};
use crate::measures;
use crate::rows::Rows;
use crate::truth::Near;

pub(crate) const STEPS: Steps = Steps { build, query };

/// Decides which vectors are on the upper levels.
const LEVEL_SEED: u64 = 42;

/// Where a run's index is, from the end of its build on.
pub(crate) fn path(context: &Context) -> PathBuf {
    context.scratch().join("quantized.index")
}

fn build(job: &Job<'_>) -> Result<(), Failure> {
    let (context, base) = (job.context, job.inputs.base());
    let params = Params {
        m: job.params.m,
        ef_construction: job.params.ef_construction,
        level_seed: LEVEL_SEED,
    };
    let building = Building::begin(job);
    let progress = context.progress("vectors", Some(base.len() as u64));
    let index = context.phase("build", || {
        Index::build(base, params, context.threads(), &mut |done| {
            progress.set(done)
        })
    });
    let index = index.map_err(failed)?;
    building.done(job);
    measures::report_counters(context, &index.counters());
    let memory = index.memory();
    let parts = [
        ("codes", memory.codes),
        ("scales and norms", memory.sides),
        ("level 0", memory.level0),
        ("upper levels", memory.upper),
    ];
    for (part, bytes) in parts {
        context.ledger(part).set(bytes);
    }
    let bytes = context.phase("save", || index.save(&path(context)));
    Building::saved(job, bytes.map_err(failed)?);
    drop(index);
    parts
        .iter()
        .for_each(|(part, _)| context.ledger(part).set(0));
    Ok(())
}

fn query(job: &Job<'_>) -> Result<(), Failure> {
    let context = job.context;
    let path = path(context);
    if !path.is_file() {
        return Err(Failure::Input(format!(
            "there is no {}; run the step build first",
            path.display()
        )));
    }
    let index = context.phase("load", || Index::open(&path, Verify::Bounds));
    let index = index.map_err(failed)?;
    let mut searching = Searching {
        searcher: index.searcher(),
        inputs: job.inputs,
    };
    let answers = ask(job, &mut searching)?;
    let mut digest = context.digest("answers");
    digest.update(&answers.bytes());
    digest.finish();
    Ok(())
}

struct Searching<'a> {
    searcher: Searcher<'a>,
    inputs: &'a Inputs,
}

impl Loaded for Searching<'_> {
    type Found = Vec<(u32, f64)>;

    fn search(&mut self, query: &[f32], ef: usize, k: usize) -> Result<Self::Found, Failure> {
        let base = self.inputs.base();
        self.searcher.search(query, ef, base, k).map_err(failed)
    }

    /// They are exact as they come.
    fn answer(&mut self, _: &[f32], found: Self::Found) -> Result<Vec<Near>, Failure> {
        let near = |(id, distance)| Near { id, distance };
        Ok(found.into_iter().map(near).collect())
    }
}

fn failed(error: IndexError) -> Failure {
    Failure::Other(error.to_string())
}
