//! Real runs of a short program, recorded, and real gates.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::Serialize;

use super::gate::{Deaf, Gate, Recording, verdict};
use super::rates::{Rates, Tally, rates};
use crate::analyze::median;
use crate::conduct::{Executor, conduct};
use crate::evidence::{Outcome, Trial};
use crate::notice::{Notice, Observer};
use crate::plan::{Order, TrialSpec};
use crate::run::{CapsChoice, Interruptions, RunError, Session, SessionOptions};
use crate::scenario::{Measure, Runs};

/// How long the program is to take: as short as programs that are worth a gate.
const SHORT: Duration = Duration::from_millis(20);
/// Turns of the loop that say how many make so long.
const TRIED: u64 = 20_000;
/// What is really made to take longer, does by so many percent.
const INJECTED: u64 = 50;
/// Fewer runs say nothing.
const FEWEST: usize = 30;
/// Shares of the time: for the recording, and up to the end of the real gates.
const RECORD: f64 = 0.5;
const REAL: f64 = 0.75;
/// Gates played for each figure, where the time suffices.
const GATES: u32 = 100;
/// So many times the default number of runs, for what more runs would see.
const MORE: u32 = 10;

/// What gates do on this machine.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Rehearsal {
    /// Runs recorded.
    pub runs: usize,
    /// What a run takes, in seconds: the median.
    pub typical: f64,
    /// By how much one run typically differs from the next, as a share: the median of the sizes of log ratios.
    pub differ: f64,
    /// Real gates of the program against itself, played on the recording in its order.
    pub same: Tally,
    /// By how much more work the variant of the real gates had, in percent.
    pub injected: u64,
    /// Real gates with that.
    pub slower: Tally,
    /// Gates on the recording put together anew, at the default number of runs, and at ten times as many.
    pub rates: Vec<Rates>,
    /// True where the user cut it short.
    pub interrupted: bool,
}

/// Why there is no rehearsal.
#[derive(Debug, thiserror::Error)]
pub enum RehearsalError {
    /// Nothing can be run.
    #[error(transparent)]
    Run(#[from] RunError),
    /// The program did not do what it does everywhere.
    #[error("the program that is timed (a loop in `sh`) {0}")]
    Program(String),
    /// There was not time for enough runs.
    #[error(
        "{runs} runs were all there was time for, and fewer than {FEWEST} say nothing; give it more with --time"
    )]
    TooFew {
        /// Those that there were.
        runs: usize,
    },
    /// A defect.
    #[error("its own scenario: {0}")]
    Scenario(String),
}

/// Rehearses gates for about so long. `scratch` is a directory on disk, in which nothing is left.
///
/// # Errors
/// See [`RehearsalError`]; an interruption is none where enough was recorded before.
pub fn rehearse(
    time: Duration,
    scratch: PathBuf,
    interruptions: &Interruptions,
    observer: &mut dyn Observer,
) -> Result<Rehearsal, RehearsalError> {
    let began = Instant::now();
    let stop = || interruptions.count() > 0;
    let until = |share: f64| began + time.mul_f64(share);
    let tell = |observer: &mut dyn Observer, what: String| {
        observer.notice(Notice::Preparing { what });
    };

    let short = loops(&scratch)?;
    let gate =
        Gate::new(short, short + short * INJECTED / 100, None).map_err(RehearsalError::Scenario)?;
    let mut session = start(&gate, &scratch)?;
    tell(
        observer,
        format!("recording runs of {} ms", SHORT.as_millis()),
    );
    let recording = record(&mut session, &baseline(&gate)?, until(RECORD), &stop)?;

    tell(
        observer,
        format!(
            "{} runs recorded; playing real gates",
            recording.walls.len()
        ),
    );
    let slower = real_gates(&gate, &mut session, began, until(REAL), &stop)?;
    session.finish();
    let mut same = Tally::default();
    let mut from = 0;
    while let Some((verdict, taken)) = gate.replay(&recording, from, from as u64) {
        same.add(verdict);
        from += taken;
    }

    tell(observer, "playing gates on the recording".to_owned());
    let default = Measure::default().runs;
    let more = Runs {
        min: default.min,
        max: default.max.saturating_mul(MORE),
    };
    let mut played = Vec::new();
    for (runs, share) in [(default, 0.5), (more, 1.0)] {
        let left = REAL + (1.0 - REAL) * share;
        let rates = rates(&recording, runs, GATES, until(left), &stop);
        played.push(rates.map_err(RehearsalError::Scenario)?);
    }
    Ok(Rehearsal {
        runs: recording.walls.len(),
        typical: median(&recording.walls),
        differ: differ(&recording.walls),
        same,
        injected: INJECTED,
        slower,
        rates: played,
        interrupted: stop(),
    })
}

fn start(gate: &Gate, scratch: &std::path::Path) -> Result<Session, RehearsalError> {
    let mut options = SessionOptions::new(Arc::new(gate.plan.clone()), scratch.to_owned())?;
    // A cgroup for each run would be most of what it takes.
    options.caps = CapsChoice::WhereAsked;
    Ok(Session::start(options, &mut Deaf)?)
}

/// A trial of the baseline, as the plan's first round has it.
fn baseline(gate: &Gate) -> Result<TrialSpec, RehearsalError> {
    let round = Order::new(&gate.plan).round(0);
    let mut of_baseline = round
        .into_iter()
        .filter(|spec| gate.plan.variants[spec.variant].baseline);
    of_baseline
        .next()
        .ok_or_else(|| RehearsalError::Scenario("its baseline is never run".to_owned()))
}

/// One run of the program.
fn one(session: &mut Session, spec: &TrialSpec) -> Result<Trial, RehearsalError> {
    let trial = session.trial(spec, &mut Deaf)?;
    match trial.head.outcome {
        Outcome::Completed => Ok(trial),
        Outcome::Interrupted => Err(RunError::Interrupted.into()),
        _ => Err(RehearsalError::Program(trial.head.diagnosis)),
    }
}

/// Turns of the loop that take as long as they should: the quickest of three tries says.
fn loops(scratch: &std::path::Path) -> Result<u64, RehearsalError> {
    let gate = Gate::new(TRIED, TRIED, None).map_err(RehearsalError::Scenario)?;
    let spec = baseline(&gate)?;
    let mut session = start(&gate, scratch)?;
    let mut quickest = f64::INFINITY;
    for _ in 0..3 {
        quickest = quickest.min(one(&mut session, &spec)?.wall());
    }
    session.finish();
    let turns = TRIED as f64 * SHORT.as_secs_f64() / quickest.max(1e-4);
    Ok((turns as u64).max(1))
}

fn record(
    session: &mut Session,
    spec: &TrialSpec,
    until: Instant,
    stop: &dyn Fn() -> bool,
) -> Result<Recording, RehearsalError> {
    // The first is there to warm up, and to copy.
    let template = one(session, spec)?;
    let mut walls = Vec::new();
    while Instant::now() < until && !stop() {
        match one(session, spec) {
            Ok(trial) => walls.push(trial.wall()),
            Err(RehearsalError::Run(RunError::Interrupted)) => break,
            Err(error) => return Err(error),
        }
    }
    if walls.len() < FEWEST {
        return match stop() {
            true => Err(RunError::Interrupted.into()),
            false => Err(RehearsalError::TooFew { runs: walls.len() }),
        };
    }
    Ok(Recording { walls, template })
}

/// Gates with real runs of both variants, as many as there is time for.
fn real_gates(
    gate: &Gate,
    session: &mut Session,
    began: Instant,
    until: Instant,
    stop: &dyn Fn() -> bool,
) -> Result<Tally, RehearsalError> {
    let mut tally = Tally::default();
    for seed in 0.. {
        let mut plan = gate.plan.clone();
        plan.measure.seed = seed;
        let mut live = Live {
            session: &mut *session,
            began,
            stop,
        };
        let conducted = conduct(&plan, &mut live, &mut Deaf, &mut |_| {});
        if conducted.interrupted {
            break;
        }
        if let Some(error) = conducted.error {
            return Err(error.into());
        }
        tally.add(verdict(&plan, &conducted.trials));
        if Instant::now() >= until {
            break;
        }
    }
    Ok(tally)
}

struct Live<'a> {
    session: &'a mut Session,
    began: Instant,
    stop: &'a dyn Fn() -> bool,
}

impl Executor for Live<'_> {
    type Error = RunError;

    fn trial(&mut self, spec: &TrialSpec, observer: &mut dyn Observer) -> Result<Trial, RunError> {
        self.session.trial(spec, observer)
    }

    fn elapsed(&self) -> Duration {
        self.began.elapsed()
    }

    fn interrupted(&self) -> bool {
        (self.stop)()
    }
}

/// By how much a run typically differs from the one after it.
fn differ(walls: &[f64]) -> f64 {
    let sizes: Vec<f64> = walls
        .windows(2)
        .map(|pair| (pair[1] / pair[0]).ln().abs())
        .collect();
    median(&sizes).exp_m1()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_typical_difference_is_that_of_neighbours() {
        assert_eq!(differ(&[1.0, 1.0, 1.0]), 0.0);
        assert!((differ(&[1.0, 1.1, 1.0, 1.1]) - 0.1).abs() < 1e-12);
    }
}
