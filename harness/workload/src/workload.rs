//! A workload: a job with parameters and several implementations.

use std::path::Path;

use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::{Better, Context, Failure, Unit};

/// A job with parameters and several implementations that must agree on its result.
pub trait Workload: Sized + 'static {
    /// The name scenarios use.
    const NAME: &'static str;
    /// Version of the input generator; raising it makes cached inputs stale.
    const GENERATOR: u32;
    /// File name extension of the output that [`Context::output`] asks for, without the dot; empty for none.
    const OUTPUT: &'static str = "";
    /// Whether [`verify`](Self::verify) proves anything. Then every run is given a file for its output, kept or not.
    const VERIFIES: bool = false;
    /// Parameters; every field has a default, unknown fields are refused.
    type Params: DeserializeOwned + Serialize + JsonSchema;
    /// Every implementation, the baseline first.
    fn implementations() -> &'static [Implementation<Self>];
    /// The part of the parameters that [`prepare`](Self::prepare) depends on: the cache key of inputs.
    fn input_key(params: &Self::Params) -> serde_json::Value;
    /// Makes the inputs in `dir`, once, outside of measurement.
    ///
    /// # Errors
    /// Any [`Failure`]; what was made so far is thrown away.
    fn prepare(params: &Self::Params, dir: &Path) -> Result<(), Failure>;
    /// Proves the output of a completed run: what is too dear, or would need too much memory, to be done inside of it.
    /// Called after each, where [`VERIFIES`](Self::VERIFIES), in a process of its own that nobody measures. The context
    /// is that of the run's last step, without its memory budget. Digests and metrics that are reported here count as
    /// the run's own. A digest that the run has reported too must have the same value, or the run has failed; of a metric
    /// that both report, the run's counts. Phases, progress and ledger go nowhere.
    ///
    /// # Errors
    /// Any [`Failure`] makes the run a failed one. [`Failure::Other`] says what is wrong with the output, or that it
    /// could not be looked at; any other, that it could not be verified.
    fn verify(_params: &Self::Params, _context: &Context) -> Result<(), Failure> {
        Ok(())
    }
    /// The metrics that implementations and [`verify`](Self::verify) may report, so that a target on a misspelt one is refused before anything
    /// runs. None listed means any name may come.
    fn metrics() -> &'static [Metric] {
        &[]
    }
    /// The digests that they may report; as for [`metrics`](Self::metrics).
    fn digests() -> &'static [&'static str] {
        &[]
    }
}

/// A metric that a workload may report by [`Context::metric`] or [`Context::histogram`].
#[derive(Debug, Clone, Copy)]
pub struct Metric {
    /// The name scenarios use.
    pub name: &'static str,
    /// What the number counts.
    pub unit: Unit,
    /// Which direction is good.
    pub better: Better,
    /// One line for lists.
    pub about: &'static str,
}

impl Metric {
    /// A count of things, which is a fact and not a merit.
    #[must_use]
    pub const fn count(name: &'static str, about: &'static str) -> Self {
        Self {
            name,
            unit: Unit::Count,
            better: Better::Neither,
            about,
        }
    }
}

/// One way to do the job.
pub struct Implementation<W: Workload> {
    /// The name scenarios use.
    pub id: &'static str,
    /// One line for lists.
    pub about: &'static str,
    /// The processes of one run, in order; empty means a single unnamed step.
    pub steps: &'static [&'static str],
    /// Runs one step.
    pub run: fn(&W::Params, &Context) -> Result<(), Failure>,
}
