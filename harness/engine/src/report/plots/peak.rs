//! The peak on a line of samples.

use plotters::prelude::{Circle, LineSeries};

use super::super::ChartTimeline;
use super::frame::{Chart, stroke};
use super::ink::Ink;

/// Draws a ring where the kernel's mark lies, which may be above every sample: above the one that came nearest to it.
/// Says where that is; nowhere without samples.
pub(super) fn ring(
    chart: &mut Chart<'_, '_>,
    timeline: &ChartTimeline,
    ink: Ink,
) -> Result<Option<(f64, f64)>, Box<dyn std::error::Error>> {
    let Some(nearest) = timeline.samples.iter().max_by_key(|sample| sample.largest) else {
        return Ok(None);
    };
    let at = (nearest.t, timeline.peak as f64);
    let up = [(nearest.t, nearest.rss as f64), at];
    chart.draw_series(LineSeries::new(up, stroke(ink, 1)))?;
    chart.draw_series([Circle::new(at, 5, stroke(ink, 2))])?;
    Ok(Some(at))
}
