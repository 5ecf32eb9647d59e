//! From a trial to the value of a metric, or to the words for why there is none.

use std::collections::{BTreeMap, BTreeSet};

use plimsoll_workload::{Better, Unit};

use super::series::{Descriptor, Quality, Reading, Series};
use crate::evidence::{
    Aggregate, CountedBy, HeapCounts, Instructions, Instrument, METRICS, Outcome, Part, PartFigure,
    PartMetric, ReportedMetric, Sample, Step, Trial, Usage, metric_info, part_metric,
};
use crate::plan::{Plan, PlannedVariant};
use crate::scenario::FLOOR;

/// The metric of the reconciliation, the only one that no single trial holds.
pub(super) const UNACCOUNTED_SHARE: &str = "unaccounted_share";

/// The metric of the trials that count instructions.
const INSTRUCTIONS: &str = "instructions";

type Value = Result<(f64, Quality), String>;

/// The instrument whose trials hold a metric.
pub fn instrument_of(name: &str) -> Instrument {
    match name {
        "heap_peak" | "heap_peak_c" | "heap_total" | "allocations" | UNACCOUNTED_SHARE => {
            Instrument::Count
        }
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
fn reported<'a>(trial: &'a Trial, name: &str) -> Option<&'a ReportedMetric> {
    let mut metrics = trial.steps.iter().flat_map(|step| &step.metrics);
    metrics.rfind(|metric| metric.name == name)
}

fn unknown(name: &str) -> String {
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

/// The value of a metric in one completed trial.
fn read(trial: &Trial, name: &str) -> Value {
    if trial.steps.is_empty() {
        return Err("the trial has no step".to_owned());
    }
    let exact = |value: f64| Ok((value, Quality::Exact));
    let total = |amount: fn(&Step) -> f64| exact(trial.steps.iter().map(amount).sum());
    match name {
        "wall" => total(|step| step.wall),
        "cpu" => exact(cpu(trial)),
        "user" => total(|step| usage(step, |usage| usage.user)),
        "sys" => total(|step| usage(step, |usage| usage.sys)),
        "minor_faults" => total(|step| usage(step, |usage| usage.minor_faults as f64)),
        "major_faults" => total(|step| usage(step, |usage| usage.major_faults as f64)),
        "context_switches" => total(|step| usage(step, |usage| usage.context_switches as f64)),
        "peak_rss" => Ok(peak_rss(trial)),
        "peak_rss_anon" => sampled(trial, |sample| sample.anon),
        "peak_rss_file" => sampled(trial, |sample| sample.file),
        "peak_rss_tree" => peak_rss_tree(trial),
        "peak_cgroup" => peak_cgroup(trial),
        "heap_peak" => heap(trial, |heap| Some((heap.peak, heap.error)), f64::max),
        "heap_peak_c" => heap(trial, |heap| Some((heap.peak_c?, heap.error)), f64::max),
        "heap_total" => heap(
            trial,
            |heap| Some((heap.total, heap.total_error())),
            |a, b| a + b,
        ),
        "allocations" => heap(
            trial,
            |heap| Some((heap.allocations, heap.calls_error())),
            |a, b| a + b,
        ),
        INSTRUCTIONS => instructions(trial),
        "scratch_peak" => trial
            .scratch_peak
            .map(|peak| (peak as f64, Quality::Sampled))
            .ok_or_else(|| "the scratch directory was not looked at".to_owned()),
        UNACCOUNTED_SHARE => Err("no reconciliation was made".to_owned()),
        FLOOR => Err("it was not searched for: no target binds it".to_owned()),
        _ => match part_metric(name) {
            Some(of) => of_part(trial, &of),
            None => reported(trial, name)
                .map(|metric| (metric.value, Quality::Exact))
                .ok_or_else(|| unknown(name)),
        },
    }
}

/// CPU seconds of all steps.
pub(crate) fn cpu(trial: &Trial) -> f64 {
    trial.steps.iter().map(step_cpu).sum()
}

fn step_cpu(step: &Step) -> f64 {
    usage(step, |usage| usage.user + usage.sys)
}

/// A step's accounting, orphans included: what the main process waited for is in its own.
fn usage(step: &Step, of: fn(&Usage) -> f64) -> f64 {
    let orphans = step.processes.iter().filter(|process| !process.main);
    of(&step.usage) + orphans.map(|orphan| of(&orphan.usage)).sum::<f64>()
}

fn peak_rss(trial: &Trial) -> (f64, Quality) {
    highest_peak(trial.steps.iter())
}

fn highest_peak<'a>(steps: impl Iterator<Item = &'a Step> + Clone) -> (f64, Quality) {
    let peak = steps.clone().map(Step::peak_rss).max().unwrap_or(0);
    let floor = steps.map(|step| step.floor).max().unwrap_or(0);
    let quality = if peak <= floor {
        Quality::Floor
    } else {
        Quality::Exact
    };
    (peak as f64, quality)
}

/// Whether several processes are known to have existed at once: a sample saw them, or one was left
/// behind as an orphan, whose parent it once ran beside.
pub(crate) fn several_at_once(trial: &Trial) -> bool {
    trial.steps.iter().any(|step| {
        let mut samples = step.timeline.samples.iter();
        step.processes.len() > 1 || samples.any(|sample| sample.processes > 1)
    })
}

fn peak_rss_tree(trial: &Trial) -> Value {
    let (seen, _) = sampled(trial, |sample| sample.rss)?;
    let (exact, quality) = peak_rss(trial);
    Ok(if !several_at_once(trial) && exact >= seen {
        (exact, quality)
    } else {
        (seen.max(exact), Quality::Sampled)
    })
}

/// The highest of an amount over every sample of every step.
fn sampled(trial: &Trial, amount: fn(&Sample) -> u64) -> Value {
    if trial.steps.iter().all(|step| step.timeline.interval <= 0.0) {
        return Err("the sampler was off".to_owned());
    }
    let samples = trial.steps.iter().flat_map(|step| &step.timeline.samples);
    samples
        .map(amount)
        .max()
        .map(|highest| (highest as f64, Quality::Sampled))
        .ok_or_else(|| "it ended before the first sample".to_owned())
}

fn peak_cgroup(trial: &Trial) -> Value {
    let peaks: Option<Vec<u64>> = trial
        .steps
        .iter()
        .map(|step| step.cap.as_ref().and_then(|cap| cap.peak))
        .collect();
    peaks
        .and_then(|peaks| peaks.into_iter().max())
        .map(|peak| (peak as f64, Quality::Exact))
        .ok_or_else(|| "it did not run in a cgroup that counts its own peak".to_owned())
}

/// A count of the malloc layer and its error, over the steps.
fn heap(
    trial: &Trial,
    of: fn(&HeapCounts) -> Option<(u64, u64)>,
    merge: fn(f64, f64) -> f64,
) -> Value {
    let mut value: Option<f64> = None;
    let mut error = 0.0;
    for step in &trial.steps {
        let heap = step.heap.as_ref().ok_or_else(|| match &step.uncounted {
            Some(why) => format!("its heap was not counted: {why}"),
            None => "the program does not count its heap".to_owned(),
        })?;
        let (amount, off) = of(heap).ok_or_else(|| match heap.processes {
            0 => "C's heap cannot be counted on this C library".to_owned(),
            _ => "from outside of a program, Rust's heap and C's cannot be told apart".to_owned(),
        })?;
        error = merge(error, off as f64);
        value = Some(value.map_or(amount as f64, |so_far| merge(so_far, amount as f64)));
    }
    let quality = if error > 0.0 {
        Quality::Within(error)
    } else {
        Quality::Exact
    };
    value
        .map(|value| (value, quality))
        .ok_or_else(|| "the trial has no step".to_owned())
}

fn of_part(trial: &Trial, of: &PartMetric<'_>) -> Value {
    match (of.part, of.figure) {
        (Part::Phase, PartFigure::PeakRss) => phase_peak(trial, of.name),
        (Part::Phase, _) => phase_wall(trial, of.name),
        (Part::Step, figure) => step_figure(trial, of.name, figure),
    }
}

/// A figure of all processes that ran as this step.
fn step_figure(trial: &Trial, name: &str, figure: PartFigure) -> Value {
    let steps = trial.steps.iter().filter(|step| step.name == name);
    if steps.clone().next().is_none() {
        return Err(format!("the trial has no step `{name}`"));
    }
    let exact = |value| Ok((value, Quality::Exact));
    match figure {
        PartFigure::Wall => exact(steps.map(|step| step.wall).sum()),
        PartFigure::Cpu => exact(steps.map(step_cpu).sum()),
        PartFigure::PeakRss => Ok(highest_peak(steps)),
    }
}

/// The instructions of all steps.
fn instructions(trial: &Trial) -> Value {
    let mut sum = 0;
    for step in &trial.steps {
        match &step.instructions {
            Some(Instructions::Counted { count, .. }) => sum += count,
            Some(Instructions::Absent { why }) => return Err(why.clone()),
            None => return Err("no instructions were counted".to_owned()),
        }
    }
    Ok((sum as f64, Quality::Exact))
}

/// Who counted the instructions of the first trial that has them.
fn counted_by(trials: &[&Trial]) -> Option<CountedBy> {
    let mut steps = trials.iter().flat_map(|trial| &trial.steps);
    steps.find_map(|step| match &step.instructions {
        Some(Instructions::Counted { by, .. }) => Some(*by),
        _ => None,
    })
}

fn phase_wall(trial: &Trial, phase: &str) -> Value {
    let spans = trial.steps.iter().flat_map(|step| &step.phases);
    let mut seconds = None;
    for span in spans.filter(|span| span.name == phase) {
        let end = span
            .end
            .ok_or_else(|| format!("phase `{phase}` did not end"))?;
        *seconds.get_or_insert(0.0) += end - span.begin;
    }
    seconds
        .map(|seconds| (seconds, Quality::Exact))
        .ok_or_else(|| format!("the program announced no phase `{phase}`"))
}

fn phase_peak(trial: &Trial, phase: &str) -> Value {
    let spans = trial.steps.iter().flat_map(|step| &step.phases);
    let mut highest = None;
    for span in spans.filter(|span| span.name == phase) {
        let peak = span.peak_rss.ok_or_else(|| {
            "phases had no peaks of their own: set `measure: { phase_peaks: true }`".to_owned()
        })?;
        highest = highest.max(Some(peak));
    }
    highest
        .map(|peak| (peak as f64, Quality::Exact))
        .ok_or_else(|| format!("the program announced no phase `{phase}`"))
}
