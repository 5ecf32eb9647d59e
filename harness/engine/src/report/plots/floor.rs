//! What a cap costs: every trial in search of a floor, the cap across and the slow-down upwards.

use plotters::prelude::{Circle, LineSeries, Rectangle};
use plotters::style::Color;

use super::super::words::floor::floors;
use super::super::{Floor, FloorAttempt, FloorEnding, Report, format, text};
use super::axis::Axis;
use super::frame::{Canvas, Chart, Drawn, PlotError, path, stroke};
use super::ink::Ink;
use super::plot::Plot;
use plimsoll_workload::Unit;

/// Caps further apart than this share no linear axis.
const APART: f64 = 3.0;
/// Half the size of a cross, in pixels.
const CROSS: i32 = 5;

/// Draws the searches of all variants on one chart; nothing where no cap was tried.
pub(crate) fn floor_chart(report: &Report, width: u32) -> Result<Option<String>, PlotError> {
    let searches: Vec<(usize, &Floor)> = floors(report)
        .map(|(place, _, floor)| (place, floor))
        .filter(|(_, floor)| !floor.attempts.is_empty())
        .collect();
    let attempts = || searches.iter().flat_map(|(_, floor)| &floor.attempts);
    let caps = || attempts().map(|attempt| attempt.cap as f64);
    let (low, high) = (
        caps().fold(f64::INFINITY, f64::min),
        caps().fold(0.0, f64::max),
    );
    if searches.is_empty() {
        return Ok(None);
    }
    let across = match high > APART * low {
        true => Axis::logarithmic(Unit::Bytes, low * 0.9, high * 1.1),
        false => Axis::between(Unit::Bytes, low, high),
    };
    let slowest = attempts().filter_map(|attempt| attempt.slowdown);
    let upwards = Axis::linear(Unit::Ratio, slowest.fold(1.0, f64::max) * 1.25);
    let description: Vec<String> = floors(report)
        .map(|(_, variant, floor)| {
            let id = text::line(&variant.id, text::LABEL);
            format!("{id}: {}", floor.edges())
        })
        .collect();
    let plot = Plot {
        chart: "floors",
        width,
        height: 300,
        left: 74,
        title: "Slow-down of each trial in search of a floor, by its memory cap",
        description: &description.join("; "),
        axes: (&across, &upwards),
        axis_titles: ("memory cap", "time over that without a cap"),
    };
    let drawn = plot.draw(|chart, canvas| {
        let once = [(across.low(), 1.0), (across.high(), 1.0)];
        chart.draw_series(LineSeries::new(once, stroke(Ink::Bound, 1)))?;
        searches
            .iter()
            .try_for_each(|(place, floor)| draw(chart, canvas, *place, floor, &upwards))
    })?;
    Ok(Some(drawn))
}

/// One search: the interval as a band, and a mark for each trial.
fn draw(
    chart: &mut Chart<'_, '_>,
    canvas: &Canvas<'_>,
    place: usize,
    floor: &Floor,
    upwards: &Axis,
) -> Drawn {
    let ink = Ink::Series(place);
    if let (Some(fails), Some(passes)) = (floor.fails_at, floor.passes_at) {
        let band = [
            (fails as f64, upwards.low()),
            (passes as f64, upwards.high()),
        ];
        chart.draw_series([Rectangle::new(band, ink.colour().mix(0.2).filled())])?;
    }
    for attempt in &floor.attempts {
        match attempt.slowdown {
            Some(slowdown) => {
                let at = (attempt.cap as f64, slowdown);
                chart.draw_series([Circle::new(at, 4, ink.colour().mix(0.7).filled())])?;
            }
            None => cross(chart, canvas, ink, attempt)?,
        }
    }
    Ok(())
}

/// A trial that did not complete has no slow-down: it stands on the lower edge.
fn cross(chart: &Chart<'_, '_>, canvas: &Canvas<'_>, ink: Ink, attempt: &FloorAttempt) -> Drawn {
    let (x, y) = chart.backend_coord(&(attempt.cap as f64, 0.0));
    let y = y - CROSS - 3;
    let ink = match attempt.ending {
        // Completed, and with another output: worse than not completing.
        FloorEnding::WrongOutput => Ink::Bound,
        _ => ink,
    };
    for (from, to) in [(-CROSS, CROSS), (CROSS, -CROSS)] {
        let line = vec![(x - CROSS, y + from), (x + CROSS, y + to)];
        path(canvas, line, stroke(ink, 2))?;
    }
    Ok(())
}

/// How to read the chart.
pub(crate) fn reading(report: &Report) -> String {
    let precision = floors(report).map(|(_, _, floor)| floor.precision);
    let precision = precision.fold(0.0, f64::max);
    format!(
        "A dot is a trial that completed with the right output under that cap, a cross on the lower \
         edge one that did not; the floor lies in the shaded interval, at most {} of its upper edge \
         wide where the search came to its end. Caps are enforced by the kernel, without swap; page \
         cache and the kernel's own memory for the program, such as page tables, count.",
        format::percent(precision)
    )
}

#[cfg(test)]
mod tests {
    use super::super::super::sample;
    use super::*;

    #[test]
    fn every_trial_has_its_mark() {
        let report = sample::report();
        let drawn = floor_chart(&report, 960).unwrap().unwrap();
        let attempts = &report.variants[2].floor.as_ref().unwrap().attempts;
        let passed = attempts.iter().filter(|a| a.slowdown.is_some()).count();
        assert_eq!(drawn.matches("<circle").count(), passed);
        assert!(drawn.contains("memory cap"), "{drawn}");
        assert!(drawn.contains("level-wise: thrashing at 38.1 MiB"));
    }

    #[test]
    fn odd_searches_are_drawn_or_left_out() {
        let mut report = sample::report();
        let floor = report.variants[2].floor.as_mut().unwrap();
        floor.attempts.truncate(1);
        floor.fails_at = None;
        assert!(floor_chart(&report, 460).unwrap().is_some());
        let floor = report.variants[2].floor.as_mut().unwrap();
        floor.attempts[0].cap = 0;
        floor.attempts[0].slowdown = Some(f64::NAN);
        assert!(floor_chart(&report, 460).unwrap().is_some());
        report.variants[2].floor.as_mut().unwrap().attempts.clear();
        assert!(floor_chart(&report, 460).unwrap().is_none());
        report.variants[2].floor = None;
        assert!(floor_chart(&report, 460).unwrap().is_none());
    }
}
