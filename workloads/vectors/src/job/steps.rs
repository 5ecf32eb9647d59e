//! The steps of a run: one process builds an index and saves it, another one loads and asks it.

use std::path::PathBuf;

use plimsoll_workload::{Context, Failure};

use super::asking::ANSWERS;
use crate::inputs::Inputs;
use crate::params::Params;

/// What a step is given.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Job<'a> {
    pub(crate) inputs: &'a Inputs,
    /// Known to be in their ranges.
    pub(crate) params: &'a Params,
    pub(crate) context: &'a Context,
}

impl Job<'_> {
    /// A file of the trial's own, there until it ends.
    pub(crate) fn scratch(&self, name: &str) -> PathBuf {
        self.context.scratch().join(name)
    }
}

/// An implementation.
pub(crate) struct Steps {
    /// Builds the index and saves it in the scratch directory.
    pub(crate) build: fn(&Job<'_>) -> Result<(), Failure>,
    /// Loads it from there, and asks it everything.
    pub(crate) query: fn(&Job<'_>) -> Result<(), Failure>,
}

impl Steps {
    pub(crate) const NAMES: &'static [&'static str] = &["build", "query"];
}

/// Runs the step that the context names.
pub(crate) fn run(steps: &Steps, params: &Params, context: &Context) -> Result<(), Failure> {
    params.check()?;
    let inputs = Inputs::open(context.inputs())?;
    let job = Job {
        inputs: &inputs,
        params,
        context,
    };
    match context.step() {
        "build" => (steps.build)(&job),
        "query" => {
            let outcome = (steps.query)(&job);
            // Whatever it kept them for, it is over.
            context.ledger(ANSWERS).set(0);
            outcome
        }
        other => Err(Failure::Input(format!(
            "there is no step `{other}`; run the steps build and query, in this order"
        ))),
    }
}
