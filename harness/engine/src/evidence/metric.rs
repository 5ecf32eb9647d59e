//! The one table of metrics: name, unit, direction, source and default aggregation.

use plimsoll_workload::{Better, Unit};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How the trials of a variant become one number for an absolute target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Aggregate {
    /// The worst trial binds: the largest where less is better, the smallest where more is.
    Worst,
    /// The median trial binds.
    Median,
}

/// A metric that the harness itself provides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MetricInfo {
    /// Name in scenarios, results and reports.
    pub name: &'static str,
    /// What it counts.
    pub unit: Unit,
    /// Which direction is good.
    pub better: Better,
    /// Where the figure comes from.
    pub source: &'static str,
    /// How trials are aggregated where a target does not say.
    pub aggregate: Aggregate,
    /// One line for lists and documentation.
    pub about: &'static str,
}

macro_rules! metrics {
    ($($name:literal $unit:ident $better:ident $source:literal $aggregate:ident $about:literal;)*) => {
        /// Every metric that the harness provides of whole trials. Phases and steps add their own
        /// ([`part_metric`]), workloads whatever they report.
        pub const METRICS: &[MetricInfo] = &[$(MetricInfo {
            name: $name, unit: Unit::$unit, better: Better::$better, source: $source,
            aggregate: Aggregate::$aggregate, about: $about,
        }),*];
    };
}

metrics! {
    "wall" Seconds Lower "clock" Median "Elapsed time, all steps together.";
    "cpu" Seconds Lower "wait4" Median "User and system CPU time.";
    "user" Seconds Lower "wait4" Median "User CPU time.";
    "sys" Seconds Lower "wait4" Median "System CPU time.";
    "peak_rss" Bytes Lower "wait4" Worst "Peak resident memory of the largest process.";
    "peak_rss_anon" Bytes Lower "sampler" Worst "Highest anonymous resident memory sampled, all processes together.";
    "peak_rss_file" Bytes Lower "sampler" Worst "Highest file-backed resident memory sampled, all processes together.";
    "peak_rss_tree" Bytes Lower "sampler" Worst "Highest resident memory sampled, all processes together.";
    "peak_cgroup" Bytes Lower "cgroup" Worst "The cgroup's own peak; counts page cache and kernel memory too.";
    "floor" Bytes Lower "cap search" Worst "Smallest memory cap under which it completes with the right output.";
    "heap_peak" Bytes Lower "malloc layer" Worst "Highest live heap, Rust and C together.";
    "heap_peak_c" Bytes Lower "malloc layer" Worst "Highest live heap of C's malloc.";
    "heap_total" Bytes Lower "malloc layer" Worst "All bytes ever allocated.";
    "allocations" Count Lower "malloc layer" Worst "Allocations made.";
    "unaccounted_share" Share Lower "reconciliation" Worst "Share of the peak that neither the ledger nor the known classes of memory explain.";
    "ledger_gap" Share Lower "reconciliation" Worst "How far the program's ledger is from its live heap at the peak, above or below, as a share of that heap.";
    "instructions" Count Lower "perf or valgrind" Worst "Instructions executed in user mode, at the size that `measure.instructions` names.";
    "minor_faults" Count Lower "wait4" Worst "Page faults served without I/O.";
    "major_faults" Count Lower "wait4" Worst "Page faults that needed I/O.";
    "context_switches" Count Lower "wait4" Worst "Context switches, voluntary and not.";
    "scratch_peak" Bytes Lower "sampler" Worst "Highest sum of file sizes in the scratch directory.";
}

/// What a metric may belong to besides the whole trial.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// A phase that the program announced: `phase.NAME.FIGURE`.
    Phase,
    /// A step of the trial: `step.NAME.FIGURE`.
    Step,
}

/// A figure that phases or steps have of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PartFigure {
    /// Elapsed seconds.
    Wall,
    /// User and system CPU seconds; steps only.
    Cpu,
    /// Peak resident bytes of the largest process.
    PeakRss,
}

/// A metric of a phase or a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PartMetric<'a> {
    /// Whose it is.
    pub part: Part,
    /// The phase's or step's name; never empty, may have dots in it.
    pub name: &'a str,
    /// Which of its figures.
    pub figure: PartFigure,
    /// The unit of the figure.
    pub unit: Unit,
    /// Where it comes from.
    pub source: &'static str,
    /// How trials are aggregated where a target does not say.
    pub aggregate: Aggregate,
}

/// Reads the name of a metric of a phase or a step: `phase.build.wall`, `step.query.peak_rss`.
pub fn part_metric(name: &str) -> Option<PartMetric<'_>> {
    use {Aggregate::*, Part::*, PartFigure::*};
    let (part, rest) = match name.strip_prefix("phase.") {
        Some(rest) => (Phase, rest),
        None => (Step, name.strip_prefix("step.")?),
    };
    let (name, figure) = rest.rsplit_once('.').filter(|(name, _)| !name.is_empty())?;
    let (figure, unit, source, aggregate) = match (part, figure) {
        (Phase, "wall") => (Wall, Unit::Seconds, "events", Median),
        (Phase, "peak_rss") => (PeakRss, Unit::Bytes, "VmHWM", Worst),
        (Step, "wall") => (Wall, Unit::Seconds, "clock", Median),
        (Step, "cpu") => (Cpu, Unit::Seconds, "wait4", Median),
        (Step, "peak_rss") => (PeakRss, Unit::Bytes, "wait4", Worst),
        _ => return None,
    };
    Some(PartMetric {
        part,
        name,
        figure,
        unit,
        source,
        aggregate,
    })
}

/// Looks a harness metric up by name.
pub fn metric_info(name: &str) -> Option<&'static MetricInfo> {
    METRICS.iter().find(|metric| metric.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metrics_of_parts_are_told_by_their_names() {
        let of = |name| part_metric(name).map(|of| (of.part, of.name, of.figure, of.unit));
        assert_eq!(
            of("phase.build.wall"),
            Some((Part::Phase, "build", PartFigure::Wall, Unit::Seconds))
        );
        assert_eq!(
            of("step.v1.2.peak_rss"),
            Some((Part::Step, "v1.2", PartFigure::PeakRss, Unit::Bytes))
        );
        assert_eq!(
            of("step.query.cpu"),
            Some((Part::Step, "query", PartFigure::Cpu, Unit::Seconds))
        );
        for name in [
            "phase.build.cpu",
            "step.wall",
            "step..wall",
            "steps.a.wall",
            "wall",
        ] {
            assert_eq!(of(name), None, "{name}");
        }
    }
}
