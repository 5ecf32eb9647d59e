//! What is to be run: a scenario at one size, with every override applied.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::{PlannedSweep, PointIndex};
use crate::evidence::{Block, Instrument, Role};
use crate::scenario::{
    Allocator, CommandSpec, Kill, Limits, Measure, Params, Runs, Scenario, Target,
};

/// A scenario at one size. Everything that running and judging need, nothing of the machine.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The scenario.
    pub scenario: Arc<Scenario>,
    /// The size's name.
    pub size: String,
    /// The variants that take part, in order; the baseline, if any, is one of them.
    pub variants: Vec<PlannedVariant>,
    /// What is swept at this size, besides the rounds.
    pub sweeps: Vec<PlannedSweep>,
    /// Effective limits.
    pub limits: Limits,
    /// Effective settings; at `smoke`, one run and no warm-up.
    pub measure: Measure,
    /// The targets that apply.
    pub targets: Vec<Target>,
    /// True where only exact targets are judged (`smoke`).
    pub exact_only: bool,
    /// True where only floors are searched for, and nothing else is measured.
    pub floor_only: bool,
    /// What was left out and why: targets that do not apply to the chosen variants.
    pub notes: Vec<String>,
    /// Instruments whose trials are left out, and why: what the machine at hand does not have.
    pub without: BTreeMap<Instrument, String>,
}

impl Plan {
    /// Leaves out the trials of an instrument; its metrics are absent for this reason.
    pub fn leave_out(&mut self, instrument: Instrument, why: String) {
        self.notes
            .push(format!("no {} trials: {why}", instrument.name()));
        self.without.insert(instrument, why);
    }
}

/// A variant at one size.
#[derive(Debug, Clone)]
pub struct PlannedVariant {
    /// Its id.
    pub id: String,
    /// One line for reports.
    pub about: String,
    /// True for the one that others are held against.
    pub baseline: bool,
    /// What is executed.
    pub job: Job,
    /// Effective parameters: scenario, size, variant, command line, in that order.
    pub params: Params,
    /// The same at the size that the dhat trial uses; absent where there is none.
    pub dhat_params: Option<Params>,
    /// The same at the size that instructions are counted at; absent where they are not.
    pub instruction_params: Option<Params>,
    /// Threads, where set.
    pub threads: Option<usize>,
    /// Memory budget in bytes, where set.
    pub budget: Option<u64>,
    /// Environment variables added.
    pub env: BTreeMap<String, String>,
    /// Allocator, where set.
    pub allocator: Option<Allocator>,
    /// Why its heap cannot be counted or sampled, where that is known before anything runs.
    pub uncounted: Option<String>,
    /// How many rounds.
    pub runs: Runs,
    /// Whether its floor is searched for: the smallest memory cap under which it completes.
    pub floor: bool,
    /// Steps that are killed in each of its clock trials but warm-ups.
    pub kills: Vec<Kill>,
}

/// What is executed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Job {
    /// An implementation of a workload, through the protocol.
    Workload {
        /// The program.
        program: PathBuf,
        /// Arguments before the verb.
        args: Vec<String>,
        /// The workload's name.
        workload: String,
        /// The implementation's id.
        implementation: String,
        /// Its steps; empty means one without a name.
        steps: Vec<String>,
        /// File name extension of its output, without the dot; empty for none.
        extension: String,
        /// Whether the output of each run is proved by the verb `verify`.
        verifies: bool,
    },
    /// A plain command.
    Command(CommandSpec),
}

/// One trial to be run.
#[derive(Debug, Clone, PartialEq)]
pub struct TrialSpec {
    /// Index into [`Plan::variants`].
    pub variant: usize,
    /// What to measure with.
    pub instrument: Instrument,
    /// What it is for.
    pub role: Role,
    /// Place in the order of pairs.
    pub block: Option<Block>,
    /// A memory cap in bytes instead of the plan's.
    pub under: Option<u64>,
    /// A wall limit of a step, tighter than the plan's.
    pub wall: Option<Duration>,
    /// The point of a sweep, with its own parameters.
    pub point: Option<PointIndex>,
}

impl Plan {
    /// The parameters that a trial runs with.
    pub fn params(&self, spec: &TrialSpec) -> &Params {
        let variant = &self.variants[spec.variant];
        let of_point = spec.point.and_then(|at| {
            let point = self.sweeps.get(at.sweep)?.points.get(at.point)?;
            point.params.get(spec.variant)?.as_ref()
        });
        let of_instrument = match spec.instrument {
            Instrument::Clock | Instrument::Count | Instrument::Profile => None,
            Instrument::Dhat => variant.dhat_params.as_ref(),
            Instrument::Instructions => variant.instruction_params.as_ref(),
        };
        of_point.or(of_instrument).unwrap_or(&variant.params)
    }
}
