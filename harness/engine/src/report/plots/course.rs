//! Where one variant's memory is over time: the lines of the reconciliation, stacked under its resident size.

use plimsoll_workload::Unit;
use plotters::prelude::{LineSeries, Polygon};
use plotters::style::Color;

use super::super::{Reconciliation, ReconciliationCourse, format, text};
use super::axis::Axis;
use super::frame::{PlotError, stroke};
use super::ink::Ink;
use super::plot::Plot;
use super::stacked::{ink, place, shade};

/// The order in which what was never touched is taken off: from what is most likely not to be, outwards.
const TAKEN_OFF: [&str; 3] = ["allocator slack", "Rust heap not in the ledger", "C heap"];

/// Draws it, with the colours of `categories`; nothing where there are fewer than two moments.
pub(crate) fn course(
    id: &str,
    reconciliation: &Reconciliation,
    categories: &[String],
    width: u32,
) -> Result<Option<String>, PlotError> {
    let course = &reconciliation.course;
    let (Some(&end), true) = (course.t.last(), course.t.len() > 1) else {
        return Ok(None);
    };
    let highest = course.resident.iter().max().copied().unwrap_or(0) as f64;
    let time = Axis::linear(Unit::Seconds, end);
    let memory = Axis::linear(Unit::Bytes, highest * 1.15);
    let id = text::line(id, text::LABEL);
    let title = format!("What holds the memory of {id} over time");
    let description = format!(
        "{} over {}, at the peak: {}",
        format::bytes(highest),
        format::seconds(end),
        reconciliation.in_short()
    );
    let layers = layers(course, categories);
    let plot = Plot {
        chart: "the reconciliation over time",
        width,
        height: 250,
        left: 74,
        title: &title,
        description: &description,
        axes: (&time, &memory),
        axis_titles: ("time since the start of the count trial", "resident memory"),
    };
    let drawn = plot.draw(|chart, _| {
        for layer in &layers {
            let colour = ink(layer.category, categories.len()).colour();
            let outline = layer.outline(&course.t);
            let behind = Ink::Surface.colour().mix(1.0);
            chart.draw_series([Polygon::new(outline.clone(), behind.filled())])?;
            let colour = colour.mix(shade(layer.category));
            chart.draw_series([Polygon::new(outline, colour.filled())])?;
        }
        let resident = course.resident.iter().map(|bytes| *bytes as f64);
        let line = course.t.iter().copied().zip(resident);
        chart.draw_series(LineSeries::new(line, stroke(Ink::Text, 2)))?;
        Ok(())
    })?;
    Ok(Some(drawn))
}

/// A coloured band: from and to bytes at each time.
struct Layer {
    category: usize,
    low: Vec<f64>,
    high: Vec<f64>,
}

impl Layer {
    fn outline(&self, t: &[f64]) -> Vec<(f64, f64)> {
        let there = t.iter().copied().zip(self.high.iter().copied());
        let back = t.iter().copied().zip(self.low.iter().copied()).rev();
        there.chain(back).collect()
    }
}

/// The bands from the ground up: the ledger, then the lines outside it in their order, the remainder last. Together they
/// are as high as the resident size wherever no line is negative but that of the untouched.
fn layers(course: &ReconciliationCourse, categories: &[String]) -> Vec<Layer> {
    let touched = touched(course);
    let mut ground = vec![0.0; course.t.len()];
    let mut layers = Vec::new();
    for (band, bytes) in course.bands.iter().zip(touched) {
        let Some(category) = place(categories, &band.what, band.ledger) else {
            continue;
        };
        let high: Vec<f64> = ground
            .iter()
            .zip(bytes)
            .map(|(ground, bytes)| ground + bytes)
            .collect();
        if high != ground {
            let low = std::mem::replace(&mut ground, high.clone());
            layers.push(Layer {
                category,
                low,
                high,
            });
        }
    }
    layers
}

/// What of each band is resident, in bytes and never negative. Which of what is allocated was never touched is not known: it is taken
/// off slack first, then the heaps outside the ledger, then the ledger.
fn touched(course: &ReconciliationCourse) -> Vec<Vec<f64>> {
    let mut all: Vec<Vec<f64>> = course
        .bands
        .iter()
        .map(|band| {
            band.bytes
                .iter()
                .map(|bytes| (*bytes).max(0) as f64)
                .collect()
        })
        .collect();
    let order: Vec<usize> = {
        let bands = || course.bands.iter().enumerate();
        let named =
            |name: &'static str| bands().filter(move |(_, band)| !band.ledger && band.what == name);
        let first = TAKEN_OFF.into_iter().flat_map(named);
        let ledger = bands().filter(|(_, band)| band.ledger);
        first.chain(ledger).map(|(at, _)| at).collect()
    };
    let negative = |moment: usize| {
        course
            .bands
            .iter()
            .map(move |band| band.bytes[moment].min(0))
    };
    let mut untouched: Vec<f64> = (0..course.t.len())
        .map(|moment| -(negative(moment).sum::<i64>() as f64))
        .collect();
    for band in order {
        for (bytes, untouched) in all[band].iter_mut().zip(&mut untouched) {
            let off = bytes.min(*untouched);
            *bytes -= off;
            *untouched -= off;
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::super::super::{CourseBand, sample};
    use super::super::categories;
    use super::*;

    fn course_of(bands: &[(&str, bool, [i64; 2])]) -> ReconciliationCourse {
        let sum = |at: usize| bands.iter().map(|band| band.2[at]).sum::<i64>() as u64;
        ReconciliationCourse {
            t: vec![0.5, 1.0],
            resident: vec![sum(0), sum(1)],
            bands: bands
                .iter()
                .map(|(what, ledger, bytes)| CourseBand {
                    what: (*what).to_owned(),
                    ledger: *ledger,
                    bytes: bytes.to_vec(),
                })
                .collect(),
        }
    }

    fn example() -> ReconciliationCourse {
        course_of(&[
            ("queue", true, [10, 50]),
            ("Rust heap not in the ledger", false, [20, 20]),
            ("C heap", false, [0, 30]),
            ("allocator slack", false, [5, 5]),
            ("allocated but untouched", false, [-8, -60]),
            ("remainder", false, [1, 0]),
        ])
    }

    #[test]
    fn the_untouched_comes_off_slack_then_heaps_then_the_ledger() {
        let touched = touched(&example());
        let at = |moment: usize| touched.iter().map(|band| band[moment]).collect::<Vec<_>>();
        assert_eq!(at(0), [10.0, 17.0, 0.0, 0.0, 0.0, 1.0]);
        assert_eq!(at(1), [45.0, 0.0, 0.0, 0.0, 0.0, 0.0]);
    }

    #[test]
    fn layers_reach_the_resident_size() {
        let course = example();
        let names = [
            "ledger",
            "Rust heap not in the ledger",
            "C heap",
            "allocator slack",
            "remainder",
        ];
        let categories = names.map(str::to_owned);
        let layers = layers(&course, &categories);
        let top = &layers.last().unwrap().high;
        let resident: Vec<f64> = course.resident.iter().map(|bytes| *bytes as f64).collect();
        assert_eq!(*top, resident);
        assert!(layers.windows(2).all(|pair| pair[0].high == pair[1].low));
    }

    #[test]
    fn a_single_moment_is_no_course() {
        let mut report = sample::report();
        let reconciliation = report.variants[2].reconciliation.as_mut().unwrap();
        reconciliation.course = example();
        let reconciliation = reconciliation.clone();
        let categories = categories(&report);
        let draw = |reconciliation: &Reconciliation| course("x", reconciliation, &categories, 960);
        assert!(draw(&reconciliation).unwrap().is_some());
        let mut short = reconciliation;
        short.course.t.truncate(1);
        assert!(draw(&short).unwrap().is_none());
        short.course = ReconciliationCourse::default();
        assert!(draw(&short).unwrap().is_none());
    }
}
