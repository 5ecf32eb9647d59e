//! Resident memory over time of all variants on one chart: lines with their exact peaks, the cap
//! and the targets as lines, and the phases of each variant as shaded bands below.

use plotters::prelude::{Circle, DashedLineSeries, LineSeries};
use plotters::style::Color;
use plotters::style::text_anchor::{HPos, VPos};

use super::super::{ChartTimeline, text};
use super::axis::Axis;
use super::frame::{
    CHARACTER, Canvas, Chart, Drawn, Margins, PlotError, fill, frame, is_narrow, names_margin,
    stroke, svg, text_width, write, write_within,
};
use super::ink::Ink;
use super::labels::{Label, write_labels};
use super::lines::{Line, Lines};
use super::peak::ring;
use super::spread::spread;

/// Pixels that a variant's name may take in the margin.
const MOST_LABELS: f64 = 240.0;
/// Height of a row of phases.
const ROW: i32 = 20;

/// Draws the chart of all variants, `width` pixels wide; labels at the lines where there is room.
pub(crate) fn timelines(lines: &Lines<'_>, width: u32) -> Result<String, PlotError> {
    let labelled = !is_narrow(width);
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
    ring(chart, line.timeline, ink)?;
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
            write_within(canvas, &phase.name, (from, to), y + 8, Ink::Text)?;
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
