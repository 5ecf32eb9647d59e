//! A chart with a pair of axes, named below and to the left, and nothing else around it.

use super::axis::Axis;
use super::frame::{Canvas, Chart, Drawn, Margins, PlotError, frame, is_narrow, svg};

/// What is known of a chart before any data are drawn into it.
pub(super) struct Plot<'a> {
    /// What it is of, should it fail.
    pub(super) chart: &'static str,
    pub(super) width: u32,
    pub(super) height: u32,
    /// Pixels for the names of values to the left.
    pub(super) left: u32,
    /// For those who cannot see it, as is the description.
    pub(super) title: &'a str,
    pub(super) description: &'a str,
    pub(super) axes: (&'a Axis, &'a Axis),
    pub(super) axis_titles: (&'a str, &'a str),
}

impl Plot<'_> {
    /// Draws the axes, and lets `draw` draw the data.
    pub(super) fn draw(
        &self,
        draw: impl FnOnce(&mut Chart<'_, '_>, &Canvas<'_>) -> Drawn,
    ) -> Result<String, PlotError> {
        let size = (self.width, self.height);
        svg(self.chart, size, self.title, self.description, |canvas| {
            let margins = Margins {
                top: 24,
                right: 20,
                bottom: 44,
                left: self.left,
            };
            draw(
                &mut frame(canvas, &margins, self.axes, self.axis_titles)?,
                canvas,
            )
        })
    }
}

/// As high as a chart is whose slopes tell something.
pub(super) fn sloped_height(width: u32) -> u32 {
    if is_narrow(width) { 320 } else { 420 }
}
