//! What all charts share: the canvas, the grid with its names, text, and the way to an element
//! of the page.

use plotters::chart::{ChartBuilder, ChartContext};
use plotters::coord::Shift;
use plotters::prelude::{
    Cartesian2d, DrawingArea, IntoDrawingArea, IntoFont, PathElement, Rectangle, SVGBackend, Text,
    TextStyle,
};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, RGBAColor, ShapeStyle};
use thiserror::Error;

use super::super::text;
use super::axis::Axis;
use super::ink::{Ink, themed};

/// Why a chart could not be drawn.
#[derive(Debug, Error)]
#[error("cannot draw the chart of {chart}: {reason}")]
pub struct PlotError {
    chart: &'static str,
    reason: String,
}

/// The area of a chart, in pixels.
pub(super) type Canvas<'a> = DrawingArea<SVGBackend<'a>, Shift>;
/// A chart with axes.
pub(super) type Chart<'a, 'b> = ChartContext<'a, SVGBackend<'b>, Cartesian2d<Axis, Axis>>;
/// The outcome of drawing.
pub(super) type Drawn = Result<(), Box<dyn std::error::Error>>;

/// Size of text in the units of plotters, which writes 1.24 less.
pub(super) const TEXT: f64 = 15.5;
/// Width of an average character of that size.
pub(super) const CHARACTER: f64 = 6.6;

/// Draws a chart and makes an element of the page of it, with a title and a description for
/// those who cannot see it.
pub(super) fn svg(
    chart: &'static str,
    (width, height): (u32, u32),
    title: &str,
    description: &str,
    draw: impl FnOnce(&Canvas<'_>) -> Drawn,
) -> Result<String, PlotError> {
    let mut raw = String::new();
    {
        let canvas = SVGBackend::with_string(&mut raw, (width, height)).into_drawing_area();
        let drawn = draw(&canvas).and_then(|()| canvas.present().map_err(Into::into));
        drawn.map_err(|error| PlotError {
            chart,
            reason: error.to_string(),
        })?;
    }
    // Only the drawing itself is taken over; the element around it is ours.
    let body = raw.split_once('>').map_or("", |(_, rest)| rest);
    let body = body.trim().strip_suffix("</svg>").unwrap_or(body);
    Ok(format!(
        "<svg class=\"chart\" role=\"img\" viewBox=\"0 0 {width} {height}\" \
         xmlns=\"http://www.w3.org/2000/svg\">\n<title>{}</title>\n<desc>{}</desc>\n{}</svg>",
        escape(title),
        escape(description),
        themed(body)
    ))
}

/// Text for an SVG element.
fn escape(raw: &str) -> String {
    let line = text::line(raw, text::SENTENCE);
    line.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

/// Space around the plot.
pub(super) struct Margins {
    pub(super) top: u32,
    pub(super) right: u32,
    pub(super) bottom: u32,
    pub(super) left: u32,
}

/// Draws the grid and the names of an axis pair, and returns the chart to draw data into.
pub(super) fn frame<'a, 'b>(
    canvas: &'a Canvas<'b>,
    margins: &Margins,
    (x, y): (&Axis, &Axis),
    (x_title, y_title): (&str, &str),
) -> Result<Chart<'a, 'b>, Box<dyn std::error::Error>> {
    let (width, height) = canvas.dim_in_pixel();
    let columns = (width.saturating_sub(margins.left + margins.right) / 90).max(3) as usize;
    let rows = (height / 55).clamp(3, 8) as usize;
    let mut chart = ChartBuilder::on(canvas)
        .margin_top(margins.top)
        .margin_right(margins.right)
        .x_label_area_size(margins.bottom)
        .y_label_area_size(margins.left)
        .build_cartesian_2d(x.clone(), y.clone())?;
    chart
        .configure_mesh()
        .bold_line_style(Ink::Grid.colour())
        .light_line_style(Ink::Grid.colour().mix(0.0))
        .axis_style(Ink::Grid.colour())
        .x_labels(columns)
        .y_labels(rows)
        .x_desc(x_title)
        .axis_desc_style(style(Ink::Muted))
        .label_style(style(Ink::Muted))
        .draw()?;
    if !y_title.is_empty() {
        let left = i32::try_from(margins.left).unwrap_or(0);
        write(
            canvas,
            y_title,
            (left, 4),
            Ink::Muted,
            (HPos::Left, VPos::Top),
        )?;
    }
    Ok(chart)
}

/// The style of text of a colour.
pub(super) fn style<'a>(ink: Ink) -> TextStyle<'a> {
    ("sans-serif", TEXT).into_font().color(&ink.colour())
}

/// Writes a line of text at a pixel.
pub(super) fn write(
    canvas: &Canvas<'_>,
    line: &str,
    at: (i32, i32),
    ink: Ink,
    (horizontal, vertical): (HPos, VPos),
) -> Drawn {
    let style = style(ink).pos(Pos::new(horizontal, vertical));
    canvas.draw(&Text::new(line.to_owned(), at, style))?;
    Ok(())
}

/// Writes a name at the left of what it names, where there is room for it between two columns of pixels.
pub(super) fn write_within(
    canvas: &Canvas<'_>,
    name: &str,
    (from, to): (i32, i32),
    row: i32,
    ink: Ink,
) -> Drawn {
    let name = text::line(name, 24);
    if text_width(&name) + 8 > to - from {
        return Ok(());
    }
    write(
        canvas,
        &name,
        (from + 4, row),
        ink,
        (HPos::Left, VPos::Center),
    )
}

/// Fills a rectangle of pixels.
pub(super) fn fill(
    canvas: &Canvas<'_>,
    from: (i32, i32),
    to: (i32, i32),
    colour: RGBAColor,
) -> Drawn {
    canvas.draw(&Rectangle::new([from, to], colour.filled()))?;
    Ok(())
}

/// Draws a line through pixels.
pub(super) fn path(canvas: &Canvas<'_>, points: Vec<(i32, i32)>, style: ShapeStyle) -> Drawn {
    canvas.draw(&PathElement::new(points, style))?;
    Ok(())
}

/// A stroke of a colour.
pub(super) fn stroke(ink: Ink, width: u32) -> ShapeStyle {
    ink.colour().stroke_width(width)
}

/// About how wide a text is, in pixels.
pub(super) fn text_width(line: &str) -> i32 {
    (line.chars().count() as f64 * CHARACTER).ceil() as i32
}

/// Whether a chart is too narrow for names beside its data.
pub(super) fn is_narrow(width: u32) -> bool {
    width < 700
}

/// Pixels to the left of a chart for the names of its rows: as many as the longest needs, between
/// `least` and what a chart so wide can spare.
pub(super) fn names_margin<'a>(
    names: impl Iterator<Item = &'a str>,
    least: u32,
    width: u32,
) -> u32 {
    let widest = names.map(text_width).max().unwrap_or(0);
    let most = if is_narrow(width) { least } else { width / 4 };
    (widest.unsigned_abs() + 30).clamp(least, most.max(least))
}
