//! The figures of sweeps: every metric at every point, and how the metrics grow.

use std::collections::BTreeMap;

use super::growth::Growth;
use super::metrics::series;
use super::record::worst;
use super::series::{Quality, Series};
use crate::evidence::{Outcome, Role, Trial};
use crate::plan::{Plan, PlannedSweep};
use crate::scenario::Expectation;

/// Metrics that every sweep is told of.
const ALWAYS: [&str; 3] = ["wall", "cpu", "peak_rss"];

/// A sweep's figures.
#[derive(Debug, Clone, PartialEq)]
pub struct SweepAnalysis {
    /// The parameter.
    pub parameter: String,
    /// The metric that tells the quality; absent where the parameter is the size of the task.
    pub quality: Option<String>,
    /// The variants that were swept, in the plan's order.
    pub variants: Vec<SweptVariant>,
}

/// A variant over a sweep.
#[derive(Debug, Clone, PartialEq)]
pub struct SweptVariant {
    /// Its id.
    pub id: String,
    /// Its points in ascending order of the parameter; those not run are left out.
    pub points: Vec<SweptPoint>,
    /// How metrics grow with the parameter, or why that cannot be told; empty where it is no
    /// size, and at `smoke`.
    pub growth: BTreeMap<String, Result<Growth, String>>,
}

/// A variant at one value of the parameter.
#[derive(Debug, Clone, PartialEq)]
pub struct SweptPoint {
    /// The value.
    pub value: f64,
    /// The worst outcome of its trials.
    pub outcome: Outcome,
    /// That trial's diagnosis.
    pub diagnosis: String,
    /// Metrics over the completed trials, or why there are none.
    pub metrics: BTreeMap<String, Result<Series, String>>,
}

impl SweepAnalysis {
    /// A variant of it, or why it is not there.
    pub fn variant(&self, id: &str) -> Result<&SweptVariant, String> {
        let mut variants = self.variants.iter();
        variants
            .find(|variant| variant.id == id)
            .ok_or_else(|| format!("{id} was not swept over {}", self.parameter))
    }
}

impl SweptVariant {
    /// A metric's series at the first point that has any, for what it is in general.
    pub fn first(&self, metric: &str) -> Option<&Series> {
        let mut points = self.points.iter();
        points.find_map(|point| point.metrics.get(metric)?.as_ref().ok())
    }
}

/// The figures of every sweep of a plan that was run at all.
pub(super) fn sweeps(plan: &Plan, trials: &[Trial]) -> Vec<SweepAnalysis> {
    let swept: Vec<&Trial> = trials
        .iter()
        .filter(|trial| trial.head.role == Role::Sweep)
        .collect();
    if swept.is_empty() {
        return Vec::new();
    }
    let all = plan.sweeps.iter();
    all.map(|sweep| of_sweep(plan, sweep, &swept)).collect()
}

fn of_sweep(plan: &Plan, sweep: &PlannedSweep, trials: &[&Trial]) -> SweepAnalysis {
    let metrics = metrics(plan, sweep);
    let variants = plan.variants.iter().map(|variant| {
        let at = |value: f64| {
            let mut there: Vec<&Trial> = trials
                .iter()
                .copied()
                .filter(|trial| trial.head.variant == variant.id)
                .filter(|trial| {
                    let point = trial.head.point.as_ref();
                    point.is_some_and(|p| p.parameter == sweep.parameter && p.value == value)
                })
                .collect();
            there.sort_by_key(|trial| trial.head.number);
            let ended = worst(&there)?;
            let of = |name: &String| (name.clone(), series(plan, variant, &there, name));
            Some(SweptPoint {
                value,
                outcome: ended.head.outcome,
                diagnosis: ended.head.diagnosis.clone(),
                metrics: metrics.iter().map(of).collect(),
            })
        };
        let points: Vec<SweptPoint> = sweep.points.iter().filter_map(|p| at(p.value)).collect();
        // One run of little tells no growth.
        let growth = match &sweep.quality {
            Some(_) => BTreeMap::new(),
            None if plan.exact_only => BTreeMap::new(),
            None => {
                let of = |name: &String| (name.clone(), growth(&variant.id, &points, name));
                metrics.iter().map(of).collect()
            }
        };
        SweptVariant {
            id: variant.id.clone(),
            points,
            growth,
        }
    });
    SweepAnalysis {
        parameter: sweep.parameter.clone(),
        quality: sweep.quality.clone(),
        variants: variants
            .filter(|variant| !variant.points.is_empty())
            .collect(),
    }
}

/// The metrics that are looked at: those always told, the quality, and what targets name.
fn metrics(plan: &Plan, sweep: &PlannedSweep) -> Vec<String> {
    let targets = plan
        .targets
        .iter()
        .filter_map(|target| match &target.expectation {
            Expectation::At { metric, place, .. } if sweep.has(place) => Some(metric),
            Expectation::Growth {
                metric, parameter, ..
            } if sweep.quality.is_none() && sweep.parameter == *parameter => Some(metric),
            _ => None,
        });
    let mut names: Vec<String> = ALWAYS.map(str::to_owned).to_vec();
    for name in sweep.quality.iter().chain(targets) {
        if !names.contains(name) {
            names.push(name.clone());
        }
    }
    names
}

/// How a metric grows over the points at which it is known: its median at each, which one run that
/// was disturbed does not move.
fn growth(id: &str, points: &[SweptPoint], metric: &str) -> Result<Growth, String> {
    let mut known = Vec::new();
    let mut missing = None;
    for point in points {
        match point.metrics.get(metric) {
            Some(Ok(series)) if series.readings.iter().all(|r| r.quality == Quality::Floor) => {
                missing.get_or_insert_with(|| {
                    format!(
                        "the peak of {id} at {} is within the fork server's own resident size, \
                         below which peaks cannot be told apart",
                        point.value
                    )
                });
            }
            Some(Ok(series)) => known.push((point.value, series.median())),
            Some(Err(why)) => {
                missing.get_or_insert_with(|| format!("at {}: {why}", point.value));
            }
            None => {}
        }
    }
    Growth::fit(known).map_err(|why| match missing {
        Some(missing) => format!("{why}; {missing}"),
        None => why,
    })
}
