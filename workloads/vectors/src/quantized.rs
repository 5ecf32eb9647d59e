//! `quantized`: the index of this crate, over codes of eight bits; `bulk`: the same, built from leaves; `lean`: over
//! codes of four bits. The vectors
//! themselves stay in their file.

use std::convert::Infallible;
use std::io::Write;
use std::path::PathBuf;

use plimsoll_workload::{Bytes, Context, Failure};

use crate::answers::Answers;
use crate::index::{
    Account, Builder, Checkpoints, Index, IndexError, Means, Params, Part, Resources, Searcher,
    Shape, Verify, Width, estimate_of_query,
};
use crate::inputs::Inputs;
use crate::job::{Building, Chunks, Job, Loaded, Steps, ask};
use crate::measures;
use crate::params::OnLowMemory;
use crate::preflight::{Plan, Surroundings, plan};
use crate::proof;
use crate::rows::Rows;
use crate::truth::Near;

/// What an implementation makes.
#[derive(Debug, Clone, Copy)]
struct Made {
    builder: Builder,
    width: Width,
}

const BATCHES: Made = Made {
    builder: Builder::Batches,
    width: Width::Eight,
};
const LEAVES: Made = Made {
    builder: Builder::Leaves,
    width: Width::Eight,
};
const HALVES: Made = Made {
    builder: Builder::Batches,
    width: Width::Four,
};

/// Built in batches.
pub(crate) const STEPS: Steps = Steps {
    build: |job| build(job, BATCHES),
    query: |job| query(job, BATCHES),
};

/// Built from leaves.
pub(crate) const BULK: Steps = Steps {
    build: |job| build(job, LEAVES),
    query: |job| query(job, LEAVES),
};

/// Built in batches, over codes of four bits.
pub(crate) const LEAN: Steps = Steps {
    build: |job| build(job, HALVES),
    query: |job| query(job, HALVES),
};

/// Decides which vectors are on the upper levels.
const LEVEL_SEED: u64 = 42;

/// Where a run's index is, from the end of its build on.
pub(crate) fn path(context: &Context) -> PathBuf {
    context.scratch().join("quantized.index")
}

fn build(job: &Job<'_>, made: Made) -> Result<(), Failure> {
    let builder = made.builder;
    let (context, base) = (job.context, job.inputs.base());
    let plan = context.phase("preflight", || planned(job, made))?;
    let params = Params {
        m: job.params.m,
        ef_construction: job.params.ef_construction,
        level_seed: LEVEL_SEED,
        width: plan.width,
    };
    measures::report_plan(context, &plan);
    let building = Building::begin(job);
    let mut chunks = Chunks::begin(job);
    let place = path(context);
    // A build from leaves is over before a checkpoint would be worth its time.
    let every = job.params.checkpoint_every;
    let every = every.filter(|_| builder == Builder::Batches);
    let mut checkpoints = every.map(|every| Checkpoints::beside(&place, every));
    let index = context.phase("build", || {
        let means = Means {
            resources: plan.resources,
            account: account(context, builder),
            spill: plan.spills.then(|| context.scratch().to_owned()),
        };
        let (kept, tell) = (checkpoints.as_mut(), &mut |done| chunks.done(done));
        match builder {
            Builder::Batches => Index::build_with(base, params, means, kept, tell),
            Builder::Leaves => Index::build_in_bulk(base, params, means, tell),
        }
    });
    let index = index.map_err(failed)?;
    building.done(job, checkpoints.as_ref().map_or(0, |kept| told(job, kept)));
    measures::report_counters(context, &index.counters());
    context.phase("ask", || ask_before(job, &index))?;
    let bytes = context.phase("save", || save(context, &index));
    Building::saved(job, bytes.map_err(failed)?);
    if let Some(kept) = checkpoints {
        kept.remove().map_err(failed)?;
    }
    Ok(())
}

/// The ledger, with what such a build holds.
fn account(context: &Context, builder: Builder) -> Account {
    let has = |part: &Part| *part != Part::Leaves || builder == Builder::Leaves;
    let gauges = Part::ALL.map(|part| has(&part).then(|| context.ledger(part.name())));
    Account::new(move |part, change| {
        let Some(gauge) = &gauges[part as usize] else {
            return;
        };
        if change < 0 {
            gauge.sub(change.unsigned_abs());
        } else {
            gauge.add(change.unsigned_abs());
        }
    })
}

/// Reports what checkpoints a build found; how many vectors it began with.
fn told(job: &Job<'_>, kept: &Checkpoints) -> u64 {
    // Nobody may be listening, and the run goes on all the same.
    for error in kept.passed_over() {
        let _ = writeln!(std::io::stderr(), "a checkpoint is of no use: {error}");
    }
    measures::report(job.context, measures::RESUMED, kept.resumed() as f64);
    kept.resumed()
}

/// Asks the first queries with the first `ef`, and keeps the answers: once saved and loaded, the index must give the same.
fn ask_before(job: &Job<'_>, index: &Index) -> Result<(), Failure> {
    let mut searching = Searching {
        searcher: index.searcher().map_err(failed)?,
        inputs: job.inputs,
    };
    let k = job.params.k.min(index.len());
    let mut before = Answers::default();
    for ef in job.params.asked().iter().take(1) {
        let queries = 0..job.inputs.queries().len().min(proof::ASKED_BEFORE);
        let answers = queries.map(|at| {
            let query = job.inputs.query(at);
            let query = query.map_err(|error| Failure::Other(error.to_string()))?;
            let found = searching.search(&query, *ef, k)?;
            searching.answer(&query, found)
        });
        before.push(*ef, answers.collect::<Result<_, _>>()?);
    }
    before.write(&proof::before(&path(job.context)))
}

/// Saves the index, and reports what memory that took.
fn save(context: &Context, index: &Index) -> Result<u64, IndexError> {
    let resident = || context.resident().map_or(0, |bytes| bytes.0);
    let (before, mut most) = (resident(), 0);
    let total = index.file_bytes()?;
    let progress = context.progress("bytes saved", Some(total));
    let saved = index.save_telling(&path(context), &mut |written| {
        // The header comes last, and once more.
        progress.set(written.min(total));
        most = most.max(resident());
    })?;
    if before > 0 {
        let extra = most.max(resident()).saturating_sub(before);
        measures::report(context, measures::SAVE_EXTRA_MEMORY, extra as f64);
    }
    Ok(saved)
}

/// The shape of what is indexed.
fn shape(job: &Job<'_>, made: Made) -> Shape {
    let base = job.inputs.base();
    Shape {
        len: base.len(),
        dim: base.dim(),
        m: job.params.m,
        ef_construction: job.params.ef_construction,
        builder: made.builder,
        width: made.width,
    }
}

/// How to build within the memory that is available. A plan that is not the wanted one is told with the results,
/// and on standard error.
fn planned(job: &Job<'_>, made: Made) -> Result<Plan, Failure> {
    let available = Surroundings::of(job.context).available();
    let wanted = Resources::new(job.context.threads());
    let plan = plan(
        shape(job, made),
        wanted,
        available,
        job.params.on_low_memory,
    )?;
    let taken = plan.resources;
    if (taken, plan.width, plan.spills) != (wanted, made.width, false) {
        let codes = if plan.width == made.width {
            String::new()
        } else {
            format!(", over codes of {} bits", plan.width.bits())
        };
        let spilled = if plan.spills {
            format!(", with {} in a file", Bytes(plan.estimate.spilled))
        } else {
            String::new()
        };
        let said = format!(
            "memory is short: {} leaves {}; building on {} of {} threads and reading {} of vectors at a time{codes}{spilled} takes {}",
            available.limit,
            Bytes(available.bytes),
            taken.threads,
            wanted.threads,
            Bytes(taken.block as u64),
            Bytes(plan.estimate.peak),
        );
        job.context.notice(&said);
        // Nobody may be listening, and the run goes on all the same.
        let _ = writeln!(std::io::stderr(), "{said}");
    }
    Ok(plan)
}

/// Refuses to ask where there is too little memory for it.
fn admit_query(job: &Job<'_>, made: Made) -> Result<(), Failure> {
    let (params, queries) = (job.params, job.inputs.queries().len());
    let answers = queries
        .saturating_mul(params.k)
        .saturating_mul(params.asked().len());
    let ef = params
        .asked()
        .last()
        .map_or(params.k, |ef| params.k.max(*ef));
    // Of an index over codes of four bits more is rescored.
    let lean = params.on_low_memory == OnLowMemory::DegradeLean;
    let width = if lean { Width::Four } else { made.width };
    let shape = Shape {
        width,
        ..shape(job, made)
    };
    let needed = estimate_of_query(shape, ef, queries, answers).unwrap_or(u64::MAX);
    let available = Surroundings::of(job.context).available();
    if needed <= available.bytes {
        return Ok(());
    }
    Err(Failure::Refused {
        needed: Bytes(needed),
        available: Bytes(available.bytes),
        hint: format!(
            "that is what {queries} queries and their answers take, the mapped index not included, and {} leaves no more; raise it, or ask fewer",
            available.limit
        ),
    })
}

fn query(job: &Job<'_>, made: Made) -> Result<(), Failure> {
    let context = job.context;
    let path = path(context);
    if !path.is_file() {
        return Err(Failure::Input(format!(
            "there is no {}; run the step build first",
            path.display()
        )));
    }
    admit_query(job, made)?;
    let index = context.phase("load", || Index::open(&path, Verify::Bounds));
    let index = index.map_err(failed)?;
    let mut searching = Searching {
        searcher: index.searcher().map_err(failed)?,
        inputs: job.inputs,
    };
    let answers = ask(job, &mut searching)?;
    let mut digest = context.digest("answers");
    let Ok(()) = answers.encode::<Infallible>(&mut |piece| {
        digest.update(piece);
        Ok(())
    });
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
