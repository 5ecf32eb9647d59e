//! One trial under a cap, held against the trials without one.

use std::collections::BTreeMap;
use std::time::Duration;

use super::super::interval::median;
use super::super::metrics::told;
use super::super::record::of_role;
use crate::evidence::{Instrument, Outcome, Role, Step, Trial};
use crate::plan::{Plan, PlannedVariant};
use crate::report::format::bytes;
use crate::report::{FloorAttempt, FloorEnding};
use crate::scenario::Expectation;

/// A trial that takes this many times as long as without the cap does not count as completing.
const MOST_SLOWDOWN: u32 = 10;
/// However short the program is, it has this long.
const LEAST_PATIENCE: Duration = Duration::from_secs(5);
/// Page faults with I/O, from which on a trial that was ended for taking too long is said to have been
/// reading its own pages again and again: this many, and so many times as many as without a cap.
const THRASHING: u64 = 100;
const THRASHING_FACTOR: u64 = 10;

/// What a variant does without a cap of its own.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Reference {
    /// Median elapsed seconds.
    pub(super) wall: f64,
    /// The digests that are right.
    digests: BTreeMap<String, String>,
    /// The peak that a cap should not be below, in bytes.
    pub(super) peak: u64,
    /// What cannot be reclaimed of it, as far as samples have shown.
    pub(super) anonymous: Option<u64>,
    /// Page faults that needed I/O, at most.
    major_faults: u64,
    /// The cap under which it ran, where there was one.
    pub(super) cap: Option<u64>,
}

impl Reference {
    /// From the measured clock trials of a variant.
    ///
    /// # Errors
    /// In words: why no trial could be held against them.
    pub(super) fn of(
        plan: &Plan,
        variant: &PlannedVariant,
        trials: &[Trial],
    ) -> Result<Reference, String> {
        let mut measured = of_role(trials, &variant.id, Role::Measured);
        measured.retain(|trial| {
            trial.head.instrument == Instrument::Clock && trial.head.outcome != Outcome::Interrupted
        });
        let Some(first) = measured.first() else {
            return Err(format!("{} was not run", variant.id));
        };
        if let Some(bad) = measured
            .iter()
            .find(|trial| trial.head.outcome != Outcome::Completed)
        {
            return Err(format!(
                "{} does not complete without a cap either: {}",
                variant.id,
                told(bad)
            ));
        }
        if let Some(trouble) = measured.iter().find_map(|trial| sampled_cap(trial)) {
            return Err(trouble.to_owned());
        }
        let digests = values(first);
        for (name, value) in &digests {
            let differs = |trial: &&&Trial| values(trial).get(name) != Some(value);
            if let Some(odd) = measured.iter().find(differs) {
                return Err(format!(
                    "its output differs from run to run without a cap (`{name}`, trials {} and \
                     {}), so that under one it cannot be told right from wrong; `output: none` \
                     goes by the exit status alone",
                    first.head.number, odd.head.number
                ));
            }
        }
        for (name, known) in known_digests(plan, variant) {
            match digests.get(&name) {
                Some(value) if *value != known => {
                    return Err(format!(
                        "its output is wrong without a cap: `{name}` is {value}, not {known}"
                    ));
                }
                _ => {}
            }
        }
        let walls: Vec<f64> = measured.iter().map(|trial| trial.wall()).collect();
        Ok(Reference {
            wall: median(&walls),
            digests,
            // The smallest: the first trial may have paid for what stays cached.
            peak: measured.iter().map(|trial| peak(trial)).min().unwrap_or(0),
            anonymous: measured.iter().filter_map(|trial| anonymous(trial)).max(),
            major_faults: measured
                .iter()
                .map(|trial| major_faults(trial))
                .max()
                .unwrap_or(0),
            cap: measured.iter().filter_map(|trial| cap(trial)).min(),
        })
    }

    /// How long a trial under a cap may take.
    pub(super) fn patience(&self, wall: Duration) -> Duration {
        let usual = Duration::try_from_secs_f64(self.wall).unwrap_or(wall);
        usual
            .saturating_mul(MOST_SLOWDOWN)
            .max(LEAST_PATIENCE)
            .min(wall)
    }

    /// What the output is held against, in words.
    pub(super) fn compared(&self) -> String {
        if self.digests.is_empty() {
            return "the exit status only: it has no output that could be compared".to_owned();
        }
        let names: Vec<String> = self
            .digests
            .keys()
            .map(|name| format!("`{name}`"))
            .collect();
        format!(
            "the exit status, and {} of the trials without a cap",
            names.join(", ")
        )
    }

    /// A trial of the search held against this.
    pub(super) fn attempt(&self, trial: &Trial, cap: u64) -> FloorAttempt {
        let ending = self.ending(trial);
        let wall = trial.wall();
        let passed = ending == FloorEnding::Passed && self.wall > 0.0;
        FloorAttempt {
            trial: trial.head.number,
            cap,
            ending,
            diagnosis: told(trial),
            wall,
            slowdown: passed.then(|| wall / self.wall),
            major_faults: major_faults(trial),
        }
    }

    fn ending(&self, trial: &Trial) -> FloorEnding {
        let started = trial.steps.last().is_none_or(|step| step.floor > 0);
        let unproved = trial.head.verification.is_some_and(|proof| !proof.verified);
        let many = THRASHING.max(self.major_faults.saturating_mul(THRASHING_FACTOR));
        let thrashed = major_faults(trial) >= many;
        match trial.head.outcome {
            Outcome::Completed if values(trial) == self.digests => FloorEnding::Passed,
            Outcome::Completed => FloorEnding::WrongOutput,
            Outcome::OutOfMemory | Outcome::Failed if !started => FloorEnding::NotStarted,
            Outcome::Failed if unproved => FloorEnding::WrongOutput,
            Outcome::OutOfMemory => FloorEnding::OutOfMemory,
            Outcome::Failed => FloorEnding::Failed,
            Outcome::Refused => FloorEnding::Refused,
            Outcome::Crashed => FloorEnding::Crashed,
            Outcome::Stalled | Outcome::TimedOut if thrashed => FloorEnding::Thrashing,
            Outcome::Stalled => FloorEnding::Stalled,
            Outcome::TimedOut | Outcome::Interrupted => FloorEnding::TimedOut,
        }
    }
}

/// The digests that the scenario knows of a variant.
fn known_digests(plan: &Plan, variant: &PlannedVariant) -> BTreeMap<String, String> {
    let of_size = |sizes: &[String]| sizes.is_empty() || sizes.contains(&plan.size);
    let targets = plan.scenario.targets.iter().filter(|target| {
        target.under.is_none() && target.variants.contains(&variant.id) && of_size(&target.sizes)
    });
    let values = targets.filter_map(|target| match &target.expectation {
        Expectation::Equals { values } => Some(values),
        _ => None,
    });
    values
        .flatten()
        .filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())))
        .collect()
}

fn values(trial: &Trial) -> BTreeMap<String, String> {
    let digests = trial.digests.iter();
    digests
        .map(|(name, identity)| (name.clone(), identity.value.clone()))
        .collect()
}

fn major_faults(trial: &Trial) -> u64 {
    let of_step = |step: &Step| {
        let orphans = step.processes.iter().filter(|process| !process.main);
        step.usage.major_faults + orphans.map(|o| o.usage.major_faults).sum::<u64>()
    };
    trial.steps.iter().map(of_step).sum()
}

/// What the cgroup saw at most: page cache and kernel memory included. Without one, the largest
/// process.
fn peak(trial: &Trial) -> u64 {
    let of_step = |step: &Step| {
        let counted = step.cap.as_ref().and_then(|cap| cap.peak);
        counted.unwrap_or_else(|| step.peak_rss())
    };
    trial.steps.iter().map(of_step).max().unwrap_or(0)
}

fn anonymous(trial: &Trial) -> Option<u64> {
    let samples = trial.steps.iter().flat_map(|step| &step.timeline.samples);
    samples.map(|sample| sample.anon).max()
}

fn cap(trial: &Trial) -> Option<u64> {
    let caps = trial.steps.iter().filter_map(|step| step.cap.as_ref());
    caps.map(|cap| cap.limit).min()
}

/// Why trials of this session say nothing about caps, where that is so.
fn sampled_cap(trial: &Trial) -> Option<&'static str> {
    let sampled = |step: &Step| step.cap.as_ref().is_some_and(|cap| cap.kind == "sampled");
    trial
        .steps
        .iter()
        .any(sampled)
        .then(|| cap_trouble(trial))
        .flatten()
}

/// Why a trial does not show what happens under its cap, where that is so.
pub(crate) fn cap_trouble(trial: &Trial) -> Option<&'static str> {
    trial.steps.iter().find_map(|step| match &step.cap {
        None => Some("no cap was set on this machine"),
        Some(cap) if cap.kind == "sampled" => Some(
            "the cap was enforced by sampling, which a short peak escapes: a cgroup is needed \
             (see `plimsoll doctor`)",
        ),
        Some(_) => None,
    })
}

/// That a trial failed by itself well below its cap, which is not the cap's doing as far as can be
/// seen.
pub(super) fn below_its_cap(trial: &Trial, attempt: &FloorAttempt) -> Option<String> {
    let itself = matches!(attempt.ending, FloorEnding::Failed | FloorEnding::Crashed);
    let peak = itself.then(|| peak(trial))?;
    let killed = trial
        .steps
        .iter()
        .any(|step| step.cap.as_ref().is_some_and(|cap| cap.oom_kills > 0));
    // What the kernel holds in advance for each processor is counted when it is taken.
    let near = attempt.cap - attempt.cap / 10;
    (peak < near && !killed).then(|| {
        format!(
            "trial {} {} when it held {} of {}: that may have had another reason",
            attempt.trial,
            attempt.ending,
            bytes(peak as f64),
            bytes(attempt.cap as f64)
        )
    })
}
