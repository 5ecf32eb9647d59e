//! The value of a metric in one trial, or the words for why there is none.

use super::metrics::{INSTRUCTIONS, LEDGER_GAP, UNACCOUNTED_SHARE, reported, unknown};
use super::series::Quality;
use crate::evidence::{
    HeapCounts, Instructions, Part, PartFigure, PartMetric, Sample, Step, Trial, Usage, part_metric,
};
use crate::scenario::FLOOR;

type Value = Result<(f64, Quality), String>;

/// The value of a metric in one completed trial.
pub(super) fn read(trial: &Trial, name: &str) -> Value {
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
        UNACCOUNTED_SHARE | LEDGER_GAP => Err("no reconciliation was made".to_owned()),
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
