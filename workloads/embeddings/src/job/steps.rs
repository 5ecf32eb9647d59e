//! The steps of a run: one process stores the vectors, another one opens the store and asks it everything.

use std::path::PathBuf;
use std::sync::Arc;

use plimsoll_workload::{Context, Failure};

use super::serve::serve;
use crate::answers::Answers;
use crate::data::Generator;
use crate::lazy::Loader;
use crate::params::Params;
use crate::pool::Pool;

/// What a step is given.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Job<'a> {
    /// Known to be in their ranges.
    pub(crate) params: &'a Params,
    pub(crate) generator: &'a Generator,
    pub(crate) context: &'a Context,
}

impl Job<'_> {
    /// A file of the trial's own, there until it ends.
    pub(crate) fn scratch(&self, name: &str) -> PathBuf {
        self.context.scratch().join(name)
    }
}

/// An implementation.
pub(crate) trait Candidate: Sync {
    /// Stores all vectors in the scratch directory; goes on from what a step that was cut short has left.
    fn ingest(&self, job: &Job<'_>) -> Result<(), Failure>;

    /// Its files there, that of the records first.
    fn files(&self, job: &Job<'_>) -> Vec<PathBuf>;

    /// Opens what is stored.
    fn open<'a>(&self, job: &Job<'a>) -> Result<Box<dyn Serving + 'a>, Failure>;
}

/// Vectors that are stored, and can be asked for.
pub(crate) trait Serving {
    /// Writes the vector of an id to `row`.
    fn read(&mut self, id: u128, row: &mut [f32]) -> Result<(), Failure>;

    /// Finds the `k` vectors nearest to a query, and remembers them.
    fn search(&mut self, query: &[f32], k: usize) -> Result<(), Failure>;

    /// What all searches have found.
    fn answers(&mut self) -> Result<Answers, Failure>;

    /// Reads that a cache has answered, and all others; nothing where there is no cache.
    fn hits(&self) -> Option<(u64, u64)> {
        None
    }

    /// What loads the vectors of lazy handles, by the numbers of their records; nothing where there are no handles.
    fn loader(&self) -> Option<Arc<dyn Loader>> {
        None
    }

    /// From now on each load of a read takes so many more chunks of the pool, and gives them back at once, so that it can be told
    /// what its own one costs; false where there is no pool.
    fn take_more_chunks(&mut self, _more: u32) -> bool {
        false
    }

    /// Brings the ledger up to what is held now.
    fn account(&mut self);
}

/// The names of the steps.
pub(crate) const STEPS: &[&str] = &["ingest", "serve"];

/// Runs the step that the context names, on as many threads as it has.
pub(crate) fn run(
    candidate: &dyn Candidate,
    params: &Params,
    context: &Context,
) -> Result<(), Failure> {
    params.check()?;
    // While there are no threads.
    Pool::announce();
    let generator = params.generator()?;
    let job = Job {
        params,
        generator: &generator,
        context,
    };
    let threads = rayon::ThreadPoolBuilder::new().num_threads(context.threads());
    let threads = threads
        .build()
        .map_err(|error| Failure::Other(format!("starting threads: {error}")))?;
    threads.install(|| match context.step() {
        "ingest" => candidate.ingest(&job),
        "serve" => serve(candidate, &job),
        other => Err(Failure::Input(format!(
            "there is no step `{other}`; run the steps ingest and serve, in this order"
        ))),
    })
}
