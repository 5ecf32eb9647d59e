//! Resident memory over time of all variants on one chart: lines with their exact peaks, the cap
//! and the targets as lines, and the phases of each variant as shaded bands below.

use std::ops::RangeInclusive;

use plotters::prelude::{Circle, DashedLineSeries, LineSeries};
use plotters::style::Color;
use plotters::style::text_anchor::{HPos, VPos};

use super::super::{ChartTimeline, Report, VariantReport, format, text};
use super::axis::Axis;
use super::frame::{
    CHARACTER, Canvas, Chart, Drawn, Margins, PlotError, fill, frame, names_margin, stroke, svg,
    text_width, write,
};
use super::ink::Ink;
use super::labels::{Label, write_labels};
use super::spread::spread;
use plimsoll_workload::Unit;

/// Where axes turn logarithmic: when the largest peak is this many times the smallest, or the
/// longest run this many times the shortest.
const WIDE_RATIO: f64 = 8.0;
/// Pixels that a variant's name may take in the margin.
const MOST_LABELS: f64 = 240.0;
/// Height of a row of phases.
const ROW: i32 = 20;

/// What the chart of all variants is drawn from.
pub(crate) struct Lines<'a> {
    lines: Vec<Line<'a>>,
    bounds: Vec<(f64, String)>,
    memory: Axis,
    time: Axis,
}

struct Line<'a> {
    place: usize,
    variant: &'a VariantReport,
    timeline: &'a ChartTimeline,
    end: f64,
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
    fn phased(&self) -> impl Iterator<Item = &Line<'a>> {
        let lines = self.lines.iter();
        lines.filter(|line| !line.timeline.phases.is_empty())
    }

    fn description(&self) -> String {
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

/// Draws the chart of all variants, `width` pixels wide; labels at the lines where there is room.
pub(crate) fn timelines(lines: &Lines<'_>, width: u32) -> Result<String, PlotError> {
    let labelled = width >= 700;
    let rows = lines.phased().count();
    let plot = if labelled { 420 } else { 300 };
    let height = plot
        + if rows > 0 {
            30 + rows as u32 * ROW as u32
        } else {
            0
        };
    let title = "Resident memory over time, all variants";
    svg(
        "resident memory",
        (width, height),
        title,
        &lines.description(),
        |canvas| {
            let (above, below) = canvas.split_vertically(plot as i32);
            let margins = Margins {
                top: 24,
                right: if labelled { labels_width(lines) } else { 14 },
                bottom: 44,
                left: names_margin(
                    lines.phased().map(|line| line.variant.id.as_str()),
                    if labelled { 100 } else { 74 },
                    width,
                ),
            };
            let scale = |axis: &Axis| {
                if axis.is_logarithmic() {
                    " (logarithmic)"
                } else {
                    ""
                }
            };
            let x_title = format!("time since the start{}", scale(&lines.time));
            let y_title = format!("resident memory{}", scale(&lines.memory));
            let axes = (&lines.time, &lines.memory);
            let mut chart = frame(&above, &margins, axes, (&x_title, &y_title))?;
            draw_bounds(&mut chart, lines)?;
            for line in &lines.lines {
                draw_line(&mut chart, lines, line)?;
            }
            if labelled {
                draw_labels(&chart, canvas, lines)?;
            } else {
                name_bounds(&chart, canvas, lines)?;
            }
            draw_phases(&chart, &below, lines)
        },
    )
}

fn draw_bounds(chart: &mut Chart<'_, '_>, lines: &Lines<'_>) -> Drawn {
    for (bound, _) in &lines.bounds {
        let points = [(lines.time.low(), *bound), (lines.time.high(), *bound)];
        chart.draw_series(DashedLineSeries::new(points, 6, 4, stroke(Ink::Bound, 1)))?;
    }
    Ok(())
}

/// Names of the bounds above their right ends, where the margin has no room for names.
fn name_bounds(chart: &Chart<'_, '_>, canvas: &Canvas<'_>, lines: &Lines<'_>) -> Drawn {
    let (right, floor) = chart.backend_coord(&(lines.time.high(), 0.0));
    let row = |bound: f64| f64::from(chart.backend_coord(&(0.0, bound)).1) - 9.0;
    let wanted: Vec<f64> = lines.bounds.iter().map(|(bound, _)| row(*bound)).collect();
    let places = spread(&wanted, 17.0, 32.0, f64::from(floor) - 10.0);
    for ((_, label), y) in lines.bounds.iter().zip(places) {
        let at = (right - 4, y.round() as i32);
        write(canvas, label, at, Ink::Bound, (HPos::Right, VPos::Center))?;
    }
    Ok(())
}

fn draw_line(chart: &mut Chart<'_, '_>, lines: &Lines<'_>, line: &Line<'_>) -> Drawn {
    let ink = Ink::Series(line.place);
    let points = line_points(line.timeline, &lines.time);
    let last = points.last().copied();
    chart.draw_series(LineSeries::new(points, stroke(ink, 2)))?;
    if let Some(last) = last {
        chart.draw_series([Circle::new(last, 3, ink.colour().filled())])?;
    }
    // The kernel's mark may lie above every sample; a ring shows it where the samples came nearest.
    let nearest = line
        .timeline
        .samples
        .iter()
        .max_by_key(|sample| sample.largest);
    if let Some(nearest) = nearest {
        let at = (nearest.t, line.timeline.peak as f64);
        let up = [(nearest.t, nearest.rss as f64), at];
        chart.draw_series(LineSeries::new(up, stroke(ink, 1)))?;
        chart.draw_series([Circle::new(at, 5, stroke(ink, 2))])?;
    }
    Ok(())
}

/// A timeline's line: what lies before the axis begins is drawn at its beginning.
fn line_points(timeline: &ChartTimeline, time: &Axis) -> Vec<(f64, f64)> {
    let samples = &timeline.samples;
    let first = samples.partition_point(|sample| sample.t < time.low());
    let edge = first.checked_sub(1).and_then(|before| samples.get(before));
    let edge = edge.map(|sample| (time.low(), sample.rss as f64));
    let inside = samples[first..]
        .iter()
        .map(|sample| (sample.t, sample.rss as f64));
    edge.into_iter().chain(inside).collect()
}

/// A variant's name beside its line.
fn name(id: &str) -> String {
    text::line(id, (MOST_LABELS / CHARACTER) as usize)
}

/// Room for the names in the margin: as much as the longest needs.
fn labels_width(lines: &Lines<'_>) -> u32 {
    let names = lines.lines.iter().map(|line| name(&line.variant.id));
    let names = names.chain(lines.bounds.iter().map(|(_, label)| label.clone()));
    let widest = names.map(|name| text_width(&name)).max().unwrap_or(0);
    widest.max(150).unsigned_abs() + 46
}

/// Names at the ends of the lines and of the bounds.
fn draw_labels(chart: &Chart<'_, '_>, canvas: &Canvas<'_>, lines: &Lines<'_>) -> Drawn {
    let ends = lines.lines.iter().filter_map(|line| {
        let last = line.timeline.samples.last()?;
        Some(Label {
            at: chart.backend_coord(&(last.t, last.rss as f64)),
            text: name(&line.variant.id),
            ink: Ink::Label,
        })
    });
    let bounds = lines.bounds.iter().map(|(bound, label)| Label {
        at: chart.backend_coord(&(lines.time.high(), *bound)),
        text: label.clone(),
        ink: Ink::Bound,
    });
    let floor = chart.backend_coord(&(lines.time.high(), 0.0)).1;
    write_labels(canvas, ends.chain(bounds).collect(), (30, floor - 8))
}

/// One row a variant: its phases on the chart's time axis, shaded in turn.
fn draw_phases(chart: &Chart<'_, '_>, canvas: &Canvas<'_>, lines: &Lines<'_>) -> Drawn {
    const HEAD: i32 = 24;
    let bottom = lines.memory.low();
    let x = |t: f64| chart.backend_coord(&(t, bottom)).0;
    for (row, line) in lines.phased().enumerate() {
        if row == 0 {
            let at = (x(0.0), HEAD / 2);
            write(
                canvas,
                "phases, on the same time axis",
                at,
                Ink::Muted,
                (HPos::Left, VPos::Center),
            )?;
        }
        let y = HEAD + row as i32 * ROW;
        let room = f64::from(x(lines.time.low()) - 12) / CHARACTER;
        let name = text::line(&line.variant.id, room as usize);
        write(
            canvas,
            &name,
            (x(0.0) - 6, y + 8),
            Ink::Muted,
            (HPos::Right, VPos::Center),
        )?;
        for (place, phase) in line.timeline.phases.iter().enumerate() {
            let (from, to) = (x(phase.begin), x(phase.end.unwrap_or(line.end)));
            let shade = if place % 2 == 0 { 0.22 } else { 0.42 };
            let colour = Ink::Series(line.place).colour().mix(shade);
            fill(canvas, (from, y), (to, y + ROW - 4), colour)?;
            let label = text::line(&phase.name, 24);
            if text_width(&label) + 8 <= to - from {
                write(
                    canvas,
                    &label,
                    (from + 4, y + 8),
                    Ink::Text,
                    (HPos::Left, VPos::Center),
                )?;
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::super::{VerdictReport, sample};
    use super::*;

    #[test]
    fn variants_far_apart_get_logarithmic_axes() {
        let report = sample::report();
        let lines = Lines::of(&report).unwrap();
        assert!(lines.memory.is_logarithmic() && lines.time.is_logarithmic());
        let drawn = timelines(&lines, 960).unwrap();
        for said in [
            "in-memory",
            "target 48 MiB, depth-first",
            "cap 20 GiB",
            "logarithmic",
            "search",
        ] {
            assert!(drawn.contains(said), "{said} is missing");
        }
    }

    #[test]
    fn variants_near_each_other_get_linear_axes() {
        let mut report = sample::report();
        report.variants.truncate(1);
        let lines = Lines::of(&report).unwrap();
        assert!(!lines.memory.is_logarithmic() && !lines.time.is_logarithmic());
        assert!(!timelines(&lines, 960).unwrap().contains("logarithmic"));
        let far = |bound: &(f64, String)| bound.1.contains("cap");
        assert!(!lines.bounds.iter().any(far), "it would flatten the line");
    }

    #[test]
    fn targets_of_one_bound_are_one_line_wherever_the_variants_are() {
        let mut report = sample::report();
        for variant in &mut report.variants {
            // All far above what they should be below of.
            variant.timeline.as_mut().unwrap().peak *= 100;
        }
        let bounded: Vec<_> = report
            .verdicts
            .iter()
            .filter(|verdict| verdict.metric.as_deref() == Some("peak_rss"))
            .filter(|verdict| verdict.bound.is_some())
            .cloned()
            .collect();
        report.verdicts = ["in-memory", "depth-first", "in-memory"]
            .map(|id| VerdictReport {
                variants: vec![id.to_owned()],
                bound: Some(205e6),
                ..bounded[0].clone()
            })
            .to_vec();
        let lines = Lines::of(&report).unwrap();
        assert!(lines.memory.is_logarithmic() && lines.memory.low() < 205e6);
        assert_eq!(lines.bounds[0], (205e6, "target 205 MB, 2 variants".into()));
        assert!(
            lines.bounds[1..]
                .iter()
                .all(|(_, label)| label == "cap 20 GiB")
        );
    }

    #[test]
    fn one_sample_is_drawn_and_none_is_left_out() {
        let mut report = sample::report();
        for variant in &mut report.variants {
            let timeline = variant.timeline.as_mut().unwrap();
            timeline.samples.truncate(1);
            timeline.phases.clear();
        }
        let lines = Lines::of(&report).unwrap();
        assert!(timelines(&lines, 960).unwrap().contains("<circle"));
        for variant in &mut report.variants {
            variant.timeline.as_mut().unwrap().samples.clear();
        }
        assert!(Lines::of(&report).is_none());
    }

    #[test]
    fn fixed_colours_do_not_get_into_the_page() {
        let report = sample::report();
        let lines = Lines::of(&report).unwrap();
        let drawn = timelines(&lines, 460).unwrap();
        assert!(!drawn.contains("\"#"), "a colour that no theme can change");
    }
}
