//! From the trials of a variant to a metric's series, or to the words for why there is none.

use std::collections::{BTreeMap, BTreeSet};

use plimsoll_workload::{Better, Unit};

use super::series::{Descriptor, Reading, Series};
use super::value::read;
use crate::evidence::{
    Aggregate, CountedBy, Instructions, Instrument, METRICS, Outcome, ReportedMetric, Trial,
    metric_info, part_metric,
};
use crate::plan::{Plan, PlannedVariant};

/// The metrics of the reconciliation, which no single trial holds.
pub(super) const UNACCOUNTED_SHARE: &str = "unaccounted_share";
pub(super) const LEDGER_GAP: &str = "ledger_gap";

/// The metric of the trials that count instructions.
pub(super) const INSTRUCTIONS: &str = "instructions";

/// The instrument whose trials hold a metric.
pub fn instrument_of(name: &str) -> Instrument {
    match name {
        "heap_peak" | "heap_peak_c" | "heap_total" | "allocations" | UNACCOUNTED_SHARE
        | LEDGER_GAP => Instrument::Count,
        INSTRUCTIONS => Instrument::Instructions,
        _ => Instrument::Clock,
    }
}

/// The metrics that these trials of a variant may hold: all of the harness's, those of phases and
/// named steps, and those that the workload reported. A reported metric does not displace one of the harness.
pub(super) fn names(trials: &[&Trial]) -> BTreeSet<String> {
    let mut names: BTreeSet<String> = METRICS.iter().map(|info| info.name.to_owned()).collect();
    let clocked = trials
        .iter()
        .filter(|trial| trial.head.instrument == Instrument::Clock);
    for step in clocked.flat_map(|trial| &trial.steps) {
        if !step.name.is_empty() {
            names.extend(["wall", "cpu", "peak_rss"].map(|of| format!("step.{}.{of}", step.name)));
        }
        for phase in &step.phases {
            names.insert(format!("phase.{}.wall", phase.name));
            if phase.peak_rss.is_some() {
                names.insert(format!("phase.{}.peak_rss", phase.name));
            }
        }
        names.extend(step.metrics.iter().map(|metric| metric.name.clone()));
    }
    names
}

/// A metric over the trials of one variant that belong together (all measured, or all under one
/// cap). Only completed trials count. The error says why there is nothing.
pub fn series(
    plan: &Plan,
    variant: &PlannedVariant,
    trials: &[&Trial],
    name: &str,
) -> Result<Series, String> {
    let instrument = instrument_of(name);
    let mut ran: Vec<&Trial> = trials
        .iter()
        .copied()
        .filter(|trial| trial.head.instrument == instrument)
        .collect();
    ran.sort_by_key(|trial| trial.head.number);
    let Some(first) = ran.first() else {
        return Err(no_trials(plan, variant, instrument));
    };
    let completed = |trial: &&Trial| trial.head.outcome == Outcome::Completed;
    if !ran.iter().any(completed) {
        return Err(match instrument {
            Instrument::Count | Instrument::Instructions => {
                format!("the {} trial ended {}", instrument.name(), told(first))
            }
            _ => format!("{} ended {}", variant.id, told(first)),
        });
    }
    let mut readings = Vec::new();
    let mut absent = None;
    for trial in ran.into_iter().filter(completed) {
        match read(trial, name) {
            Ok((value, quality)) if value.is_finite() => readings.push(Reading {
                trial: trial.head.number,
                round: trial.head.block.map(|block| block.round),
                value,
                quality,
            }),
            Ok(_) => absent = absent.or(Some("a value was reported that is no number".to_owned())),
            Err(why) => absent = absent.or(Some(why)),
        }
    }
    if readings.is_empty() {
        return Err(absent.unwrap_or_else(|| "no trial completed".to_owned()));
    }
    Ok(Series {
        about: describe(name, trials).ok_or_else(|| unknown(name))?,
        readings,
    })
}

/// Every metric that one trial holds, completed or not, in base units.
pub fn values(trial: &Trial) -> BTreeMap<String, f64> {
    names(&[trial])
        .into_iter()
        .filter(|name| instrument_of(name) == trial.head.instrument)
        .filter_map(|name| {
            let (value, _) = read(trial, &name).ok()?;
            value.is_finite().then_some((name, value))
        })
        .collect()
}

/// A trial's end in words that begin with the outcome's name, as diagnoses usually do already.
pub(crate) fn told(trial: &Trial) -> String {
    let outcome = trial.head.outcome.name();
    if trial.head.diagnosis.is_empty() || trial.head.diagnosis.starts_with(outcome) {
        let text = if trial.head.diagnosis.is_empty() {
            outcome
        } else {
            &trial.head.diagnosis
        };
        text.to_owned()
    } else {
        format!("{outcome}: {}", trial.head.diagnosis)
    }
}

/// What a metric is; none where no trial knows it.
pub(super) fn describe(name: &str, trials: &[&Trial]) -> Option<Descriptor> {
    if let Some(info) = metric_info(name) {
        return Some(Descriptor {
            unit: info.unit,
            better: info.better,
            source: match (name, counted_by(trials)) {
                (INSTRUCTIONS, Some(by)) => by.name().to_owned(),
                _ => info.source.to_owned(),
            },
            aggregate: info.aggregate,
        });
    }
    if let Some(of) = part_metric(name) {
        return Some(Descriptor {
            unit: of.unit,
            better: Better::Lower,
            source: of.source.to_owned(),
            aggregate: of.aggregate,
        });
    }
    let metric = trials.iter().find_map(|trial| reported(trial, name))?;
    Some(Descriptor {
        unit: metric.unit,
        better: metric.better,
        source: "workload".to_owned(),
        aggregate: match metric.unit {
            Unit::Seconds | Unit::PerSecond | Unit::BytesPerSecond => Aggregate::Median,
            Unit::Bytes | Unit::Count | Unit::Share | Unit::Ratio => Aggregate::Worst,
        },
    })
}

/// The last value of that name that a trial's program reported.
pub(super) fn reported<'a>(trial: &'a Trial, name: &str) -> Option<&'a ReportedMetric> {
    let mut metrics = trial.steps.iter().flat_map(|step| &step.metrics);
    metrics.rfind(|metric| metric.name == name)
}

pub(super) fn unknown(name: &str) -> String {
    format!("the program reported no metric `{name}`")
}

fn no_trials(plan: &Plan, variant: &PlannedVariant, instrument: Instrument) -> String {
    match instrument {
        Instrument::Count if !plan.measure.count => {
            "count trials are off: set `measure: { count: true }`".to_owned()
        }
        Instrument::Count if variant.uncounted.is_some() => {
            let why = variant.uncounted.clone().unwrap_or_default();
            format!("its heap cannot be counted: {why}")
        }
        Instrument::Count => "no count trial was run".to_owned(),
        Instrument::Instructions => no_instructions(plan, variant),
        _ => format!("{} was not run", variant.id),
    }
}

/// Why a variant has no trial that counts instructions.
fn no_instructions(plan: &Plan, variant: &PlannedVariant) -> String {
    let Some(setting) = &plan.measure.instructions else {
        return "instructions are not counted: set `measure: { instructions: { size: NAME } }`"
            .to_owned();
    };
    if let Some(why) = plan.without.get(&Instrument::Instructions) {
        return why.clone();
    }
    match variant.instruction_params {
        None => format!(
            "{} takes no part at size `{}`, at which instructions are counted",
            variant.id, setting.size
        ),
        Some(_) => "no instructions trial was run".to_owned(),
    }
}

/// Who counted the instructions of the first trial that has them.
fn counted_by(trials: &[&Trial]) -> Option<CountedBy> {
    let mut steps = trials.iter().flat_map(|trial| &trial.steps);
    steps.find_map(|step| match &step.instructions {
        Some(Instructions::Counted { by, .. }) => Some(*by),
        _ => None,
    })
}
