//! How a metric's trials scatter: a dot a trial and a bar at the median, one row a variant.

use std::collections::BTreeMap;

use plotters::prelude::Circle;
use plotters::style::Color;

use super::super::{MetricValue, Report, VariantReport, format, text};
use super::axis::Axis;
use super::frame::{Canvas, Chart, Drawn, PlotError, frame, path, stroke, svg};
use super::ink::Ink;
use super::rows::{name_row, rows_height, rows_margins};

/// Medians further apart than this share no linear axis.
const APART: f64 = 1.5;
/// Height of a row.
const ROW: u32 = 34;
/// With more trials than this a row has columns, not dots.
const MOST_DOTS: usize = 120;
/// Width of a column in pixels.
const COLUMN: i32 = 3;
/// Height of the highest column above and below the middle of the row.
const HIGHEST: f64 = 13.0;

/// A drawn distribution and how to read it.
pub(crate) struct Distribution {
    /// The drawing.
    pub(crate) svg: String,
    /// What the axis is.
    pub(crate) reading: String,
}

struct Row<'a> {
    place: usize,
    variant: &'a VariantReport,
    metric: &'a MetricValue,
}

/// Draws a metric's trials, `width` pixels wide; nothing where no variant has more than one trial.
pub(crate) fn distribution(
    report: &Report,
    name: &str,
    width: u32,
) -> Result<Option<Distribution>, PlotError> {
    let rows: Vec<Row<'_>> = report
        .variants
        .iter()
        .enumerate()
        .filter_map(|(place, variant)| {
            let metric = variant.metric(name)?;
            Some(Row {
                place,
                variant,
                metric,
            })
        })
        .filter(|row| !row.metric.values.is_empty() && row.metric.median > 0.0)
        .collect();
    let Some(first) = rows.first() else {
        return Ok(None);
    };
    if rows.iter().all(|row| row.metric.values.len() < 2) {
        return Ok(None);
    }
    let unit = first.metric.unit;
    let medians = rows.iter().map(|row| row.metric.median);
    let apart = medians.clone().fold(0.0, f64::max) / medians.fold(f64::INFINITY, f64::min);
    let height = rows_height(rows.len(), ROW);
    let title = format!("{name} of each trial, by variant");
    let description = rows.iter().map(|row| {
        format!(
            "{}: median {}, from {} to {}, {}",
            text::line(&row.variant.id, text::LABEL),
            format::value(unit, row.metric.median),
            format::value(unit, row.metric.min),
            format::value(unit, row.metric.max),
            format::counted(row.metric.values.len(), "trial")
        )
    });
    let description = description.collect::<Vec<_>>().join("; ");
    let highest = rows.iter().map(|row| row.metric.max).fold(0.0, f64::max);
    let lowest = rows.iter().map(|row| row.metric.min);
    let lowest = lowest.fold(f64::INFINITY, f64::min);
    let own = apart > APART;
    let (axis, reading, axis_title) = if own {
        let worst = rows
            .iter()
            .flat_map(|row| row.metric.values.iter().map(|v| row.difference(*v)));
        (
            Axis::difference(worst.map(f64::abs).fold(0.0, f64::max)),
            "The medians lie too far apart for one axis, so each row shows how far its trials are from \
             their own median, which is written at its right.",
            format!("{name}, difference from the variant's own median"),
        )
    } else {
        (
            Axis::between(unit, lowest, highest),
            "The bar is the median; one linear axis for all, which does not begin at zero.",
            name.to_owned(),
        )
    };
    let svg = svg(
        "a distribution",
        (width, height),
        &title,
        &description,
        |canvas| {
            let names = rows.iter().map(|row| row.variant.id.as_str());
            let margins = rows_margins(names, width);
            let all = Axis::rows(rows.len());
            let mut chart = frame(canvas, &margins, (&axis, &all), (&axis_title, ""))?;
            for (place, row) in rows.iter().enumerate() {
                let x = |value: f64| if own { row.difference(value) } else { value };
                draw_row(&mut chart, canvas, row, &x, all.row(place))?;
            }
            Ok(())
        },
    )?;
    let many = rows.iter().any(|row| row.metric.values.len() > MOST_DOTS);
    let marks = match many {
        true => "A column is as high as there are trials, a dot is a single one; none is left out.",
        false => "A dot is a trial.",
    };
    let reading = format!("{marks} {reading}");
    Ok(Some(Distribution { svg, reading }))
}

impl Row<'_> {
    /// How far a value is from the median, as a share of it.
    fn difference(&self, value: f64) -> f64 {
        value / self.metric.median - 1.0
    }
}

fn draw_row(
    chart: &mut Chart<'_, '_>,
    canvas: &Canvas<'_>,
    row: &Row<'_>,
    x: &dyn Fn(f64) -> f64,
    y: f64,
) -> Drawn {
    let ink = Ink::Series(row.place);
    let range = chart.x_range();
    let (left, middle) = chart.backend_coord(&(range.start, y));
    let right = chart.backend_coord(&(range.end, y)).0;
    let median = chart.backend_coord(&(x(row.metric.median), y)).0;
    path(
        canvas,
        vec![(left, middle), (right, middle)],
        stroke(Ink::Grid, 1),
    )?;
    path(
        canvas,
        vec![(median, middle - 11), (median, middle + 11)],
        stroke(Ink::Text, 2),
    )?;
    if row.metric.values.len() > MOST_DOTS {
        columns(chart, canvas, row, x, y)?;
    } else {
        let dots = row.metric.values.iter().map(|value| (x(*value), y));
        chart.draw_series(dots.map(|at| Circle::new(at, 5, ink.colour().mix(0.65).filled())))?;
    }
    let figure = format::value(row.metric.unit, row.metric.median);
    name_row(canvas, (&row.variant.id, &figure), (left, right), middle)
}

/// A column wherever there are trials, as high as there are many, and a dot where there is one: every
/// trial is seen, those far outside too, and several heaps are several heaps.
fn columns(
    chart: &mut Chart<'_, '_>,
    canvas: &Canvas<'_>,
    row: &Row<'_>,
    x: &dyn Fn(f64) -> f64,
    y: f64,
) -> Drawn {
    let ink = Ink::Series(row.place);
    let mut counts: BTreeMap<i32, (u32, f64)> = BTreeMap::new();
    for value in &row.metric.values {
        let pixel = chart.backend_coord(&(x(*value), y)).0;
        let (count, _) = counts.entry(pixel / COLUMN).or_insert((0, x(*value)));
        *count += 1;
    }
    let most = counts.values().map(|(count, _)| *count).max().unwrap_or(1);
    let middle = chart.backend_coord(&(x(row.metric.median), y)).1;
    for (column, (count, value)) in counts {
        if count == 1 {
            let dot = Circle::new((value, y), 2, ink.colour().filled());
            chart.draw_series([dot])?;
            continue;
        }
        let pixel = column * COLUMN + COLUMN / 2;
        let half = (HIGHEST * f64::from(count) / f64::from(most)).ceil() as i32;
        path(
            canvas,
            vec![(pixel, middle - half), (pixel, middle + half)],
            stroke(ink, COLUMN as u32 - 1),
        )?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::super::sample;
    use super::*;

    #[test]
    fn variants_far_apart_are_shown_against_their_own_medians() {
        let drawn = distribution(&sample::report(), "wall", 960)
            .unwrap()
            .unwrap();
        assert!(drawn.svg.contains("own median"));
        assert_eq!(drawn.svg.matches("<circle").count(), 18);
    }

    #[test]
    fn many_trials_are_columns_and_the_farthest_is_a_dot() {
        let mut report = sample::report();
        report.variants.truncate(1);
        if let Some(super::super::super::Metric::Value(wall)) =
            report.variants[0].metrics.get_mut("wall")
        {
            let near = (0..3_000).map(|run| 1.0 + 0.0001 * f64::from(run % 100));
            wall.values = near.chain([2.0]).collect();
            (wall.min, wall.median, wall.max) = (1.0, 1.005, 2.0);
        }
        let drawn = distribution(&report, "wall", 960).unwrap().unwrap();
        assert_eq!(drawn.svg.matches("<circle").count(), 1);
        assert!(drawn.svg.len() < 20_000, "{}", drawn.svg.len());
        assert!(drawn.reading.contains("column"));
    }

    #[test]
    fn variants_near_each_other_share_an_axis() {
        let mut report = sample::report();
        report.variants.truncate(1);
        let drawn = distribution(&report, "wall", 960).unwrap().unwrap();
        assert!(!drawn.svg.contains("own median"));
    }

    #[test]
    fn one_trial_each_has_no_distribution() {
        let mut report = sample::report();
        for variant in &mut report.variants {
            if let Some(super::super::super::Metric::Value(wall)) = variant.metrics.get_mut("wall")
            {
                wall.values.truncate(1);
            }
        }
        assert!(distribution(&report, "wall", 960).unwrap().is_none());
        assert!(
            distribution(&report, "no such metric", 960)
                .unwrap()
                .is_none()
        );
    }
}
