//! One scenario at one size: inputs, trials, verdicts, report.

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use super::args::RunArgs;
use super::failure::CliFailure;
use super::journal::Journal;
use crate::analyze::Analysis;
use crate::conduct::{Conducted, Executor, at_least, conduct};
use crate::evidence::Trial;
use crate::judge::{ExitCode, KeptOutputs, judge_with_outputs};
use crate::notice::{Notice, Observer};
use crate::observe::machine;
use crate::plan::{Plan, TrialSpec};
use crate::report::{Report, SessionInfo, assemble, write};
use crate::run::inputs::{Cache, prepare};
use crate::run::{CapsChoice, RunError, Session, SessionOptions};

/// A finished session.
pub(super) struct Ended {
    /// What it amounts to.
    pub(super) code: ExitCode,
    /// The report.
    pub(super) report: Report,
    /// Where its files are.
    pub(super) written: write::Written,
}

/// Runs `plan` and writes its report.
pub(super) fn run(
    plan: &Arc<Plan>,
    args: &RunArgs,
    observer: &mut dyn Observer,
) -> Result<Ended, CliFailure> {
    let began = Instant::now();
    let started = SystemTime::now();
    let scenario = &plan.scenario;
    observer.notice(Notice::ScenarioBegins {
        scenario: scenario.name.clone(),
        size: plan.size.clone(),
        variants: plan.variants.iter().map(|variant| variant.id.clone()).collect(),
        trials: at_least(plan),
    });
    let mut journal = Journal::begin(&args.out, &scenario.name, &plan.size).map_err(|error| {
        CliFailure::usage(format!(
            "cannot write reports into {}: {error}; name another directory with --out",
            args.out.display()
        ))
    })?;
    let mut kept = Kept::default();
    let mut measured = measure(plan, args, observer, &mut journal, &mut kept)?;
    let analysis = Analysis::new(plan, &measured.trials);
    let verdicts = judge_with_outputs(plan, &analysis, &measured.trials, &Files);
    Ok(todo!())
}
