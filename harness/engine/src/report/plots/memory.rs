//! One variant's resident memory over time, on linear axes, with its phases shaded.

use plotters::prelude::{AreaSeries, DashedLineSeries, LineSeries, Rectangle};
use plotters::style::Color;
use plotters::style::text_anchor::{HPos, VPos};

use super::super::{ChartTimeline, format, text};
use super::axis::Axis;
use super::frame::{Canvas, Chart, Drawn, PlotError, stroke, write, write_within};
use super::ink::Ink;
use super::peak::ring;
use super::plot::Plot;
use plimsoll_workload::Unit;

/// Draws a variant's timeline in the colour of its place; nothing where it has no samples.
pub(crate) fn memory(
    id: &str,
    place: usize,
    timeline: &ChartTimeline,
    width: u32,
) -> Result<Option<String>, PlotError> {
    let Some(last) = timeline.samples.last() else {
        return Ok(None);
    };
    let phases = timeline.phases.iter().filter_map(|phase| phase.end);
    let end = phases.fold(last.t, f64::max);
    let highest = timeline.samples.iter().map(|sample| sample.rss).max();
    let highest = highest.unwrap_or(0).max(timeline.peak) as f64;
    let time = Axis::linear(Unit::Seconds, end);
    let memory = Axis::linear(Unit::Bytes, highest * 1.3);
    let id = text::line(id, text::LABEL);
    let description = format!(
        "Resident memory of {id}: peak {} in {}.",
        format::bytes(timeline.peak as f64),
        format::seconds(end)
    );
    let title = format!("Resident memory of {id} over time");
    let plot = Plot {
        chart: "a variant's memory",
        width,
        height: 230,
        left: 74,
        title: &title,
        description: &description,
        axes: (&time, &memory),
        axis_titles: ("time since the start", "resident memory"),
    };
    let drawn = plot.draw(|chart, canvas| {
        shade_phases(chart, canvas, timeline, &memory, end)?;
        let ink = Ink::Series(place);
        let points = timeline.samples.iter().map(|s| (s.t, s.rss as f64));
        let area = AreaSeries::new(points.clone(), 0.0, ink.colour().mix(0.18));
        chart.draw_series(area)?;
        chart.draw_series(LineSeries::new(points, stroke(ink, 2)))?;
        let ledger = timeline
            .samples
            .iter()
            .filter_map(|s| Some((s.t, s.ledger? as f64)));
        chart.draw_series(DashedLineSeries::new(ledger, 2, 3, stroke(Ink::Text, 1)))?;
        match ring(chart, timeline, ink)? {
            Some(at) => name_peak(chart, canvas, at, &time),
            None => Ok(()),
        }
    })?;
    Ok(Some(drawn))
}

fn shade_phases(
    chart: &mut Chart<'_, '_>,
    canvas: &Canvas<'_>,
    timeline: &ChartTimeline,
    memory: &Axis,
    end: f64,
) -> Drawn {
    let (low, high) = (memory.low(), memory.high());
    for (place, phase) in timeline.phases.iter().enumerate() {
        let (from, to) = (phase.begin, phase.end.unwrap_or(end));
        let shade = if place % 2 == 0 { 0.05 } else { 0.12 };
        let band = [(from, low), (to, high)];
        let colour = Ink::Text.colour().mix(shade);
        chart.draw_series([Rectangle::new(band, colour.filled())])?;
        let (left, top) = chart.backend_coord(&(from, high));
        let right = chart.backend_coord(&(to, high)).0;
        write_within(canvas, &phase.name, (left, right), top + 10, Ink::Muted)?;
    }
    Ok(())
}

/// Writes beside the ring how high the peak is.
fn name_peak(chart: &Chart<'_, '_>, canvas: &Canvas<'_>, at: (f64, f64), time: &Axis) -> Drawn {
    let (x, y) = chart.backend_coord(&at);
    let middle = (time.low() + time.high()) / 2.0;
    let side = if at.0 > middle {
        HPos::Right
    } else {
        HPos::Left
    };
    let (x, y) = (if at.0 > middle { x + 6 } else { x - 6 }, y - 15);
    let label = format!("peak {}", format::bytes(at.1));
    write(canvas, &label, (x, y), Ink::Label, (side, VPos::Center))
}

#[cfg(test)]
mod tests {
    use super::super::super::sample;
    use super::*;

    #[test]
    fn phases_and_peak_are_named() {
        let report = sample::report();
        let timeline = report.variants[2].timeline.as_ref().unwrap();
        let drawn = memory("level-wise", 2, timeline, 960).unwrap().unwrap();
        for said in ["intern", "search", "peak 40.3 MiB"] {
            assert!(drawn.contains(said), "{said} is missing");
        }
    }

    #[test]
    fn odd_timelines_are_drawn_or_left_out() {
        let report = sample::report();
        let mut timeline = report.variants[2].timeline.clone().unwrap();
        timeline.samples.truncate(1);
        assert!(memory("one", 0, &timeline, 960).unwrap().is_some());
        timeline.peak = 0;
        timeline.samples[0].rss = 0;
        assert!(memory("zero", 0, &timeline, 960).unwrap().is_some());
        timeline.samples.clear();
        assert!(memory("none", 0, &timeline, 960).unwrap().is_none());
    }
}
