//! How a metric grows with a size: every run on logarithmic axes, the fit through the medians, its
//! band, and dashed what is beyond the sizes that were run.

use plimsoll_workload::Unit;
use plotters::element::Polygon;
use plotters::prelude::{Circle, DashedLineSeries, LineSeries};
use plotters::style::Color;

use super::super::{FittedGrowth, GrowthReport, Metric, SweepReport, SweptReport, format, text};
use super::axis::Axis;
use super::frame::{Chart, Drawn, PlotError, stroke};
use super::ink::Ink;
use super::plot::{Plot, sloped_height};

/// A variant's runs, and its fit where there is one.
struct Line<'a> {
    place: usize,
    id: &'a str,
    runs: Vec<(f64, f64)>,
    fit: Option<&'a FittedGrowth>,
}

/// Draws a metric over a sweep, `width` pixels wide; nothing where it was not measured. `place`
/// tells a variant's place among those of the report, for its colour.
pub(crate) fn growth(
    sweep: &SweepReport,
    metric: &str,
    place: &dyn Fn(&str) -> usize,
    width: u32,
) -> Result<Option<String>, PlotError> {
    let lines: Vec<Line<'_>> = sweep
        .variants
        .iter()
        .map(|variant| line(variant, metric, place(&variant.id)))
        .filter(|line| !line.runs.is_empty())
        .collect();
    let Some(unit) = sweep.unit(metric) else {
        return Ok(None);
    };
    let curves = || {
        lines
            .iter()
            .filter_map(|line| line.fit)
            .flat_map(|fit| &fit.curve)
    };
    let runs = || lines.iter().flat_map(|line| line.runs.iter().copied());
    let sizes = runs()
        .map(|(n, _)| n)
        .chain(curves().map(|point| point.size));
    let values = runs()
        .map(|(_, y)| y)
        .chain(curves().map(|point| point.range.value));
    let (Some(sizes), Some(values)) = (span(sizes), span(values)) else {
        return Ok(None);
    };
    let across = Axis::logarithmic(Unit::Count, sizes.0 * 0.9, sizes.1 * 1.1);
    let up = Axis::logarithmic(unit, values.0 / 1.5, values.1 * 1.5);
    let parameter = text::line(&sweep.parameter, text::LABEL);
    let description = lines.iter().map(|line| {
        let id = text::line(line.id, text::LABEL);
        match line.fit {
            Some(fit) => format!("{id} {}", fit.words),
            None => format!("{id}: no growth could be fitted"),
        }
    });
    let description = description.collect::<Vec<_>>().join(". ");
    let title = format!("{} over {parameter}", text::line(metric, text::LABEL));
    let plot = Plot {
        chart: "a growth",
        width,
        height: sloped_height(width),
        left: 78,
        title: &title,
        description: &description,
        axes: (&across, &up),
        axis_titles: (
            &format!("{parameter} (logarithmic)"),
            &format!("{metric} (logarithmic)"),
        ),
    };
    let drawn = plot.draw(|chart, _| lines.iter().try_for_each(|line| draw(chart, line, &up)))?;
    Ok(Some(drawn))
}

fn line<'a>(variant: &'a SweptReport, metric: &str, place: usize) -> Line<'a> {
    let runs = variant
        .points
        .iter()
        .filter_map(|point| match point.metrics.get(metric) {
            Some(Metric::Value(value)) => Some(value.values.iter().map(move |y| (point.value, *y))),
            Some(Metric::Absent { .. }) | None => None,
        });
    Line {
        place,
        id: &variant.id,
        runs: runs.flatten().filter(|(_, y)| *y > 0.0).collect(),
        fit: match variant.growth.get(metric) {
            Some(GrowthReport::Fitted(fit)) => Some(fit),
            Some(GrowthReport::Absent { .. }) | None => None,
        },
    }
}

/// The smallest and the largest of positive numbers.
fn span(values: impl Iterator<Item = f64>) -> Option<(f64, f64)> {
    let positive = values.filter(|value| value.is_finite() && *value > 0.0);
    positive.fold(None, |span, value| {
        let (low, high) = span.unwrap_or((value, value));
        Some((value.min(low), value.max(high)))
    })
}

fn draw(chart: &mut Chart<'_, '_>, line: &Line<'_>, up: &Axis) -> Drawn {
    let ink = Ink::Series(line.place);
    if let Some(fit) = line.fit {
        let inside = |y: f64| y.clamp(up.low(), up.high());
        let above = fit.curve.iter().map(|p| (p.size, inside(p.range.high)));
        let below = fit
            .curve
            .iter()
            .rev()
            .map(|p| (p.size, inside(p.range.low)));
        let band: Vec<(f64, f64)> = above.chain(below).collect();
        chart.draw_series([Polygon::new(band, ink.colour().mix(0.16).filled())])?;
        let at = |p: &super::super::CurvePoint| (p.size, p.range.value);
        let (within, beyond): (Vec<_>, Vec<_>) = fit
            .curve
            .iter()
            .map(at)
            .partition(|(n, _)| *n <= fit.largest * (1.0 + 1e-9));
        let join = within.last().copied();
        chart.draw_series(LineSeries::new(within, stroke(ink, 2)))?;
        let beyond: Vec<(f64, f64)> = join.into_iter().chain(beyond).collect();
        chart.draw_series(DashedLineSeries::new(beyond, 6, 4, stroke(ink, 2)))?;
    }
    let dots = line.runs.iter();
    chart.draw_series(dots.map(|at| Circle::new(*at, 4, ink.colour().mix(0.7).filled())))?;
    Ok(())
}

/// What a point of the chart's curves comes to, for the key: `at 16,000: 1.24 s`.
pub(crate) fn at_largest(fit: &FittedGrowth) -> String {
    let nearest = fit.curve.iter().min_by(|a, b| {
        let off = |size: f64| (size / fit.largest).ln().abs();
        off(a.size).total_cmp(&off(b.size))
    });
    nearest.map_or_else(String::new, |point| {
        format!(
            "{} at {}",
            format::value(fit.unit, point.range.value),
            format::count(fit.largest)
        )
    })
}
