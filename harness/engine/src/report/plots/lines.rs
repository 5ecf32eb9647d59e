//! What the chart of all timelines shows: which lines, which bounds, and on which axes.

use std::ops::RangeInclusive;

use plimsoll_workload::Unit;

use super::super::{ChartTimeline, Report, VariantReport, format, text};
use super::axis::Axis;

/// Where axes turn logarithmic: when the largest peak is this many times the smallest, or the
/// longest run this many times the shortest.
const WIDE_RATIO: f64 = 8.0;

/// What the chart of all variants is drawn from.
pub(crate) struct Lines<'a> {
    pub(super) lines: Vec<Line<'a>>,
    /// Bounds on resident memory, with their labels.
    pub(super) bounds: Vec<(f64, String)>,
    pub(super) memory: Axis,
    pub(super) time: Axis,
}

/// The line of a variant.
pub(super) struct Line<'a> {
    /// Its place among all variants, which gives it its colour.
    pub(super) place: usize,
    pub(super) variant: &'a VariantReport,
    pub(super) timeline: &'a ChartTimeline,
    /// Seconds that it covers.
    pub(super) end: f64,
}

impl<'a> Lines<'a> {
    /// The variants that have a timeline; nothing where none has.
    pub(crate) fn of(report: &'a Report) -> Option<Lines<'a>> {
        let lines: Vec<Line<'a>> = report
            .variants
            .iter()
            .enumerate()
            .filter_map(|(place, variant)| {
                let timeline = variant.timeline.as_ref()?;
                let end = end(timeline);
                (!timeline.samples.is_empty()).then_some(Line {
                    place,
                    variant,
                    timeline,
                    end,
                })
            })
            .collect();
        let peaks = lines.iter().map(|line| line.timeline.peak as f64);
        let (lowest, highest) = (
            peaks.clone().fold(f64::INFINITY, f64::min),
            peaks.fold(0.0, f64::max),
        );
        let ends = lines.iter().map(|line| line.end);
        let (shortest, longest) = (
            ends.clone().fold(f64::INFINITY, f64::min),
            ends.fold(0.0, f64::max),
        );
        if lines.is_empty() || highest <= 0.0 {
            return None;
        }
        let logarithmic = highest / lowest.max(1.0) > WIDE_RATIO;
        // A bound further away would leave too little of the chart to the lines.
        let room = match logarithmic {
            true => lowest / 16.0..=highest * 16.0,
            false => f64::MIN_POSITIVE..=highest * 1.6,
        };
        let bounds = bounds(report, room);
        let top = bounds.iter().map(|bound| bound.0).fold(highest, f64::max);
        let lowest = bounds.iter().map(|bound| bound.0).fold(lowest, f64::min);
        let memory = if logarithmic {
            Axis::logarithmic(Unit::Bytes, (lowest / 3.0).log2().floor().exp2(), top * 1.5)
        } else {
            Axis::linear(Unit::Bytes, top * 1.08)
        };
        let time = if longest / shortest.max(1e-6) > WIDE_RATIO {
            let samples = lines.iter().flat_map(|line| &line.timeline.samples);
            let first = samples.map(|sample| sample.t).filter(|t| *t > 0.0);
            let first = first.fold(f64::INFINITY, f64::min);
            Axis::logarithmic(
                Unit::Seconds,
                first.clamp(shortest / 20.0, shortest / 2.0),
                longest,
            )
        } else {
            Axis::linear(Unit::Seconds, longest)
        };
        Some(Lines {
            lines,
            bounds,
            memory,
            time,
        })
    }

    /// How to read the axes, in words.
    pub(crate) fn reading(&self) -> &'static str {
        match (self.memory.is_logarithmic(), self.time.is_logarithmic()) {
            (true, true) => {
                "Both axes are logarithmic, because the variants lie far apart: each grid line upwards is a fixed multiple of the one below, and early moments get more room than late ones."
            }
            (true, false) => {
                "The memory axis is logarithmic, because the variants lie far apart: each grid line is a fixed multiple of the one below."
            }
            (false, true) => {
                "The time axis is logarithmic, because the variants lie far apart: early moments get more room than late ones."
            }
            (false, false) => "Both axes are linear and begin at zero.",
        }
    }

    /// Those that have phases.
    pub(super) fn phased(&self) -> impl Iterator<Item = &Line<'a>> {
        let lines = self.lines.iter();
        lines.filter(|line| !line.timeline.phases.is_empty())
    }

    pub(super) fn description(&self) -> String {
        let lines = self.lines.iter().map(|line| {
            format!(
                "{} peaks at {} and takes {}",
                text::line(&line.variant.id, text::LABEL),
                format::bytes(line.timeline.peak as f64),
                format::seconds(line.end)
            )
        });
        format!("{}.", lines.collect::<Vec<_>>().join("; "))
    }
}

/// Bounds on resident memory that lie in `room`, with their labels; equal ones in one.
fn bounds(report: &Report, room: RangeInclusive<f64>) -> Vec<(f64, String)> {
    let mut targets: Vec<(f64, Vec<&str>)> = Vec::new();
    for verdict in &report.verdicts {
        let metric = verdict.metric.as_deref();
        let resident = matches!(metric, Some("peak_rss" | "peak_rss_tree"));
        let Some(bound) = verdict.bound.filter(|_| resident) else {
            continue;
        };
        let place = targets.iter().position(|(known, _)| *known == bound);
        let place = place.unwrap_or_else(|| {
            targets.push((bound, Vec::new()));
            targets.len() - 1
        });
        for id in &verdict.variants {
            if !targets[place].1.contains(&id.as_str()) {
                targets[place].1.push(id);
            }
        }
    }
    let targets = targets.into_iter().map(|(bound, variants)| {
        let who = match variants[..] {
            [] => String::new(),
            [one] => format!(", {}", text::line(one, 14)),
            _ => format!(", {} variants", variants.len()),
        };
        (bound, format!("target {}{who}", format::limit(bound)))
    });
    let cap = report.memory_cap.map(|cap| cap as f64);
    let cap = cap.map(|cap| (cap, format!("cap {}", format::limit(cap))));
    targets
        .chain(cap)
        .filter(|(bound, _)| room.contains(bound))
        .collect()
}

/// Seconds that a timeline covers.
fn end(timeline: &ChartTimeline) -> f64 {
    let samples = timeline.samples.iter().map(|sample| sample.t);
    let phases = timeline.phases.iter().filter_map(|phase| phase.end);
    samples
        .chain(phases)
        .filter(|t| t.is_finite())
        .fold(0.0, f64::max)
}
