//! What each quality costs: every point of a sweep, and through those that no other beats the line
//! that targets are read off.

use plotters::prelude::{Circle, DashedLineSeries, LineSeries};
use plotters::style::Color;

use super::super::{FrontierReport, Metric, SweepReport, SweptReport, format, text};
use super::axis::Axis;
use super::frame::{Chart, Drawn, PlotError, stroke};
use super::ink::Ink;
use super::plot::{Plot, sloped_height};

/// A variant's points as quality and cost, all of them and those on the frontier.
struct Line {
    place: usize,
    id: String,
    points: Vec<(f64, f64)>,
    frontier: Vec<(f64, f64)>,
}

/// Draws what a metric costs against the quality of a sweep, `width` pixels wide; nothing where it
/// was not measured. `place` tells a variant's place among those of the report, for its colour.
pub(crate) fn frontier(
    sweep: &SweepReport,
    metric: &str,
    place: &dyn Fn(&str) -> usize,
    width: u32,
) -> Result<Option<String>, PlotError> {
    let Some(quality) = &sweep.quality else {
        return Ok(None);
    };
    let lines: Vec<Line> = sweep
        .variants
        .iter()
        .map(|variant| line(variant, metric, quality, place(&variant.id)))
        .filter(|line| !line.points.is_empty())
        .collect();
    let units = sweep.unit(quality).zip(sweep.unit(metric));
    let Some((unit_of_quality, unit)) = units.filter(|_| !lines.is_empty()) else {
        return Ok(None);
    };
    let ends = |of: fn(&(f64, f64)) -> f64| {
        let all = lines.iter().flat_map(|line| &line.points).map(of);
        all.fold((f64::INFINITY, 0.0), |(low, high): (f64, f64), value| {
            (low.min(value), high.max(value))
        })
    };
    let (worst, best) = ends(|point| point.0);
    let (cheapest, dearest) = ends(|point| point.1);
    let across = Axis::between(unit_of_quality, worst, best);
    let up = Axis::logarithmic(unit, cheapest / 1.5, dearest * 1.5);
    let named = text::line(quality, text::LABEL);
    let title = format!("{} against {named}", text::line(metric, text::LABEL));
    let description = lines.iter().map(|line| {
        let ends = line.frontier.first().zip(line.frontier.last());
        let told = ends.map(|(from, to)| {
            format!(
                "{} goes from {} at {} to {} at {}",
                line.id,
                format::value(unit, from.1),
                format::value(unit_of_quality, from.0),
                format::value(unit, to.1),
                format::value(unit_of_quality, to.0)
            )
        });
        told.unwrap_or_else(|| format!("{} has no frontier", line.id))
    });
    let description = description.collect::<Vec<_>>().join("; ");
    let marks: Vec<f64> = marks(sweep, metric);
    let plot = Plot {
        chart: "a frontier",
        width,
        height: sloped_height(width),
        left: 78,
        title: &title,
        description: &description,
        axes: (&across, &up),
        axis_titles: (&named, &format!("{metric} (logarithmic)")),
    };
    let drawn = plot.draw(|chart, _| {
        for mark in &marks {
            let ends = [(*mark, up.low()), (*mark, up.high())];
            chart.draw_series(DashedLineSeries::new(ends, 6, 4, stroke(Ink::Bound, 1)))?;
        }
        lines.iter().try_for_each(|line| draw(chart, line))
    })?;
    Ok(Some(drawn))
}

fn line(variant: &SweptReport, metric: &str, quality: &str, place: usize) -> Line {
    let points = variant.points.iter().filter_map(|point| {
        let median = |name: &str| match point.metrics.get(name)? {
            Metric::Value(value) => Some(value.median),
            Metric::Absent { .. } => None,
        };
        median(quality).zip(median(metric))
    });
    let frontier = match variant.frontiers.get(metric) {
        Some(FrontierReport::Known { points, .. }) => points
            .iter()
            .map(|point| (point.quality, point.cost))
            .collect(),
        Some(FrontierReport::Absent { .. }) | None => Vec::new(),
    };
    Line {
        place,
        id: text::line(&variant.id, text::LABEL),
        points: points.filter(|(_, cost)| *cost > 0.0).collect(),
        frontier,
    }
}

/// The qualities at which targets look.
fn marks(sweep: &SweepReport, metric: &str) -> Vec<f64> {
    let mut marks: Vec<f64> = Vec::new();
    for variant in &sweep.variants {
        if let Some(FrontierReport::Known { at, .. }) = variant.frontiers.get(metric) {
            marks.extend(at.iter().map(|at| at.quality));
        }
    }
    marks.sort_by(f64::total_cmp);
    marks.dedup();
    marks
}

fn draw(chart: &mut Chart<'_, '_>, line: &Line) -> Drawn {
    let ink = Ink::Series(line.place);
    let beaten = line.points.iter().filter(|at| !line.frontier.contains(at));
    chart.draw_series(beaten.map(|at| Circle::new(*at, 3, ink.colour().mix(0.4).filled())))?;
    let through = line.frontier.iter().copied();
    chart.draw_series(LineSeries::new(through, stroke(ink, 2)))?;
    let dots = line.frontier.iter();
    chart.draw_series(dots.map(|at| Circle::new(*at, 5, ink.colour().filled())))?;
    Ok(())
}
