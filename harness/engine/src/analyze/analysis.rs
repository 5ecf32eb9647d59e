//! From the trials of a session to the figures of each variant.

use std::collections::BTreeMap;

use super::floor::floor;
use super::heap_profile::heap_profile;
use super::looks::Looks;
use super::metrics::{LEDGER_GAP, UNACCOUNTED_SHARE, describe, names, series};
use super::ratio::{Noise, noise, relative};
use super::reconcile::{course, reconcile};
use super::record::{at_full_parameters, endings, of_record, of_role, worst};
use super::series::{Quality, Reading, Series};
use super::sweep::{SweepAnalysis, sweeps};
use super::timeline::timeline;
use crate::evidence::{HeapProfile, Instrument, Outcome, ReportedHistogram, Role, Trial};
use crate::plan::{Plan, PlannedVariant};
use crate::report::{ChartTimeline, Floor, Reconciliation, Relative, StepReport};
use crate::scenario::FLOOR;

/// The diagnosis of a variant without any trial.
const NOT_RUN: &str = "was not run";

/// The figures of every variant.
#[derive(Debug, Clone, PartialEq)]
pub struct Analysis {
    /// One per planned variant, in the plan's order.
    pub variants: Vec<VariantAnalysis>,
    /// What the baseline differs from itself by, by metric, where A/A pairs were run.
    pub noise: BTreeMap<String, Noise>,
    /// What was swept.
    pub sweeps: Vec<SweepAnalysis>,
}

/// The figures of one variant.
#[derive(Debug, Clone, PartialEq)]
pub struct VariantAnalysis {
    /// The variant's id.
    pub id: String,
    /// True for the one that others are held against.
    pub baseline: bool,
    /// The worst outcome of its measured clock trials, or of its warm-ups where those already did
    /// not complete. A trial that the user interrupted says
    /// nothing about the variant and counts only where there is no other.
    pub outcome: Outcome,
    /// That trial's diagnosis.
    pub diagnosis: String,
    /// The end of that trial's standard error, where it did not complete.
    pub stderr_tail: Option<String>,
    /// Metrics over the completed trials, or why there are none.
    pub metrics: BTreeMap<String, Result<Series, String>>,
    /// Its named steps in the order in which they ran.
    pub steps: Vec<StepReport>,
    /// Against the baseline, by metric.
    pub relative: BTreeMap<String, Relative>,
    /// Named digests, of the first trial that has each.
    pub digests: BTreeMap<String, String>,
    /// Histograms that the workload reported, from the trial with the median elapsed time.
    pub histograms: Vec<ReportedHistogram>,
    /// Resident memory over time, from the clock trial with the highest peak, completed or not.
    pub timeline: Option<ChartTimeline>,
    /// Ledger, heap and resident memory side by side.
    pub reconciliation: Option<Reconciliation>,
    /// The heap profile.
    pub profile: Option<HeapProfile>,
    /// The smallest memory cap under which it completes, where that was searched for.
    pub floor: Option<Floor>,
}

impl Analysis {
    /// Analyses the trials of a session, in whatever order they are given.
    pub fn new(plan: &Plan, trials: &[Trial]) -> Analysis {
        Analysis::of(plan, trials, &|_| true)
    }

    /// The same with the wanted metrics only: what a look in the middle of a session needs.
    pub(crate) fn of(plan: &Plan, trials: &[Trial], wanted: &dyn Fn(&str) -> bool) -> Analysis {
        let mut variants: Vec<VariantAnalysis> = plan
            .variants
            .iter()
            .map(|variant| of_variant(plan, variant, trials, wanted))
            .collect();
        let Some(place) = plan.variants.iter().position(|variant| variant.baseline) else {
            return Analysis {
                variants,
                noise: BTreeMap::new(),
                sweeps: sweeps(plan, trials),
            };
        };
        let baseline = &plan.variants[place];
        let measured = variants[place].metrics.clone();
        for (planned, analysed) in plan.variants.iter().zip(&mut variants) {
            if planned.baseline {
                continue;
            }
            let looks = Looks::of_pair(baseline.runs, planned.runs);
            analysed.relative = both(&measured, &analysed.metrics)
                .filter_map(|(name, base, variant)| {
                    Some((name.to_owned(), relative(base, variant, &looks)?))
                })
                .collect();
        }
        Analysis {
            variants,
            noise: noise_of(plan, baseline, &measured, trials),
            sweeps: sweeps(plan, trials),
        }
    }

    /// The figures of a variant.
    pub fn variant(&self, id: &str) -> Option<&VariantAnalysis> {
        self.variants.iter().find(|variant| variant.id == id)
    }

    /// The baseline's figures.
    pub fn baseline(&self) -> Option<&VariantAnalysis> {
        self.variants.iter().find(|variant| variant.baseline)
    }
}

impl VariantAnalysis {
    /// Takes over the reconciliation of a count trial, and its metrics.
    fn take(&mut self, count_trial: u32, reconciliation: Reconciliation) {
        for (name, value) in [
            (UNACCOUNTED_SHARE, reconciliation.unaccounted_share),
            (LEDGER_GAP, reconciliation.ledger_gap),
        ] {
            let share = match &reconciliation.refused {
                Some(why) => Err(format!("the reconciliation is refused: {why}")),
                None => single(name, count_trial, value)
                    .ok_or_else(|| "the reconciliation has no metric".to_owned()),
            };
            self.metrics.insert(name.to_owned(), share);
        }
        self.reconciliation = Some(reconciliation);
    }

    /// Takes over what the search for its floor found, and its metric: the smallest cap that passed.
    fn take_floor(&mut self, floor: Floor) {
        let last = floor.attempts.iter().rev();
        let passed = last.filter(|attempt| Some(attempt.cap) == floor.passes_at);
        let series = match (passed.map(|attempt| attempt.trial).next(), floor.passes_at) {
            (Some(trial), Some(cap)) => {
                single(FLOOR, trial, cap as f64).ok_or_else(|| "the floor has no metric".to_owned())
            }
            _ => Err(floor
                .absent
                .clone()
                .unwrap_or_else(|| "no cap was found to be enough".to_owned())),
        };
        self.metrics.insert(FLOOR.to_owned(), series);
        self.floor = Some(floor);
    }

    /// A metric of this variant, or why there is none.
    pub fn metric(&self, name: &str) -> Result<&Series, String> {
        match self.metrics.get(name) {
            Some(Ok(series)) => Ok(series),
            Some(Err(why)) => Err(why.clone()),
            None if self.outcome == Outcome::Completed => {
                Err(format!("{} reported no metric `{name}`", self.id))
            }
            None => Err(self.ended()),
        }
    }

    /// How it ended, as a sentence: `in-memory ended out-of-memory: killed by the kernel at ...`.
    pub fn ended(&self) -> String {
        let outcome = self.outcome.name();
        if self.diagnosis == NOT_RUN {
            format!("{} {NOT_RUN}", self.id)
        } else if self.diagnosis.starts_with(outcome) {
            format!("{} ended {}", self.id, self.diagnosis)
        } else {
            format!("{} ended {outcome}: {}", self.id, self.diagnosis)
        }
    }
}

/// A metric that one trial has, or several have together.
fn single(name: &str, trial: u32, value: f64) -> Option<Series> {
    let reading = Reading {
        trial,
        round: None,
        value,
        quality: Quality::Exact,
    };
    describe(name, &[]).map(|about| Series {
        about,
        readings: vec![reading],
    })
}

type Metrics = BTreeMap<String, Result<Series, String>>;

/// The metrics that both have.
fn both<'a>(
    a: &'a Metrics,
    b: &'a Metrics,
) -> impl Iterator<Item = (&'a str, &'a Series, &'a Series)> {
    a.iter().filter_map(|(name, a)| {
        let b = b.get(name)?.as_ref().ok()?;
        Some((name.as_str(), a.as_ref().ok()?, b))
    })
}

/// What the baseline differs from itself by, metric by metric.
fn noise_of(
    plan: &Plan,
    baseline: &PlannedVariant,
    measured: &Metrics,
    trials: &[Trial],
) -> BTreeMap<String, Noise> {
    let controls = of_role(trials, &baseline.id, Role::Control);
    let of_control = |(name, measured): (&String, &Result<Series, String>)| {
        let control = series(plan, baseline, &controls, name).ok()?;
        let noise = noise(measured.as_ref().ok()?, &control)?;
        Some((name.clone(), noise))
    };
    measured.iter().filter_map(of_control).collect()
}

fn of_variant(
    plan: &Plan,
    variant: &PlannedVariant,
    all: &[Trial],
    wanted: &dyn Fn(&str) -> bool,
) -> VariantAnalysis {
    let measured = &of_role(all, &variant.id, Role::Measured);
    let clocked = of_record(all, &variant.id);
    let worst = worst(&endings(all, &variant.id));
    let metrics: Metrics = names(measured)
        .into_iter()
        .filter(|name| wanted(name))
        .map(|name| {
            let series = series(plan, variant, measured, &name);
            (name, series)
        })
        .collect();
    let mut analysed = VariantAnalysis {
        id: variant.id.clone(),
        baseline: variant.baseline,
        outcome: worst.map_or(Outcome::Interrupted, |trial| trial.head.outcome),
        diagnosis: worst.map_or_else(|| NOT_RUN.to_owned(), |trial| trial.head.diagnosis.clone()),
        stderr_tail: worst.and_then(stderr_tail),
        metrics,
        steps: steps(&clocked),
        relative: BTreeMap::new(),
        digests: digests(variant, all),
        histograms: median_trial(&clocked).map_or_else(Vec::new, histograms),
        timeline: clocked
            .iter()
            .rev()
            .max_by_key(|trial| trial.peak_rss())
            .and_then(|trial| timeline(trial)),
        reconciliation: None,
        profile: heap_profile(plan, variant, all),
        floor: None,
    };
    if let Some(floor) = floor(plan, variant, all) {
        analysed.take_floor(floor);
    }
    if let Some((count_trial, reconciliation)) = reconciliation(measured) {
        analysed.take(count_trial, reconciliation);
    }
    analysed
}

/// The steps of a variant's trials in the order in which they ran, as far as they have names or are
/// killed.
fn steps(clocked: &[&Trial]) -> Vec<StepReport> {
    let mut found: Vec<StepReport> = Vec::new();
    let steps = clocked.iter().flat_map(|trial| &trial.steps);
    let known = |found: &[StepReport], name: &str| found.iter().position(|of| of.name == name);
    for step in steps.filter(|step| !step.name.is_empty() || step.kill.is_some()) {
        let place = known(&found, &step.name).unwrap_or_else(|| {
            let name = step.name.clone();
            found.push(StepReport { name, kills: None });
            found.len() - 1
        });
        if let Some(kill) = step.kill {
            let kills = found[place].kills.get_or_insert_default();
            kills.planned += 1;
            kills.killed += u32::from(kill.killed);
        }
    }
    found
}

/// The reconciliation of the first completed count trial that took a census, and its number. Of
/// several steps it is that of the one that was largest.
fn reconciliation(measured: &[&Trial]) -> Option<(u32, Reconciliation)> {
    let completed = || {
        let all = measured.iter().copied();
        all.filter(|trial| trial.head.outcome == Outcome::Completed)
    };
    let clock_peaks: Vec<u64> = completed()
        .filter(|trial| trial.head.instrument == Instrument::Clock)
        .map(Trial::peak_rss)
        .collect();
    let mut counted = completed().filter(|trial| trial.head.instrument == Instrument::Count);
    counted.find_map(|trial| {
        let censuses = trial.steps.iter().filter_map(|step| step.census.as_ref());
        let census = censuses.max_by_key(|census| census.resident)?;
        let mut begun = 0.0;
        let steps = trial.steps.iter().flat_map(|step| {
            let begin = begun;
            begun += step.wall;
            step.course
                .iter()
                .map(move |census| (begin + census.t, census))
        });
        let reconciliation = Reconciliation {
            course: course(steps),
            ..reconcile(census, trial.peak_rss(), &clock_peaks)
        };
        Some((trial.head.number, reconciliation))
    })
}

fn stderr_tail(trial: &Trial) -> Option<String> {
    let tail = &trial.steps.last()?.stderr_tail;
    (trial.head.outcome != Outcome::Completed && !tail.trim().is_empty()).then(|| tail.clone())
}

fn digests(variant: &PlannedVariant, trials: &[Trial]) -> BTreeMap<String, String> {
    let mut chosen: Vec<&Trial> = trials
        .iter()
        .filter(|trial| {
            trial.head.variant == variant.id && trial.head.outcome == Outcome::Completed
        })
        .filter(|trial| at_full_parameters(variant, trial) && trial.head.role != Role::Floor)
        .collect();
    chosen.sort_by_key(|trial| trial.head.number);
    let mut digests = BTreeMap::new();
    for (name, identity) in chosen.iter().flat_map(|trial| &trial.digests) {
        digests
            .entry(name.clone())
            .or_insert_with(|| identity.value.clone());
    }
    digests
}

/// The completed trial whose elapsed time is the median (the lower of two).
fn median_trial<'a>(clocked: &[&'a Trial]) -> Option<&'a Trial> {
    let mut completed: Vec<(f64, &Trial)> = clocked
        .iter()
        .filter(|trial| trial.head.outcome == Outcome::Completed)
        .map(|trial| (trial.wall(), *trial))
        .collect();
    completed.sort_by(|a, b| a.0.total_cmp(&b.0));
    let middle = completed.len().checked_sub(1)? / 2;
    completed.get(middle).map(|(_, trial)| *trial)
}

fn histograms(trial: &Trial) -> Vec<ReportedHistogram> {
    let all = trial.steps.iter().flat_map(|step| &step.histograms);
    all.cloned().collect()
}
