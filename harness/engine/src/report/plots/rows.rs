//! Charts of one row a variant: its name to the left, its figure to the right.

use plotters::style::text_anchor::{HPos, VPos};

use super::super::text;
use super::frame::{CHARACTER, Canvas, Drawn, Margins, is_narrow, names_margin, write};
use super::ink::Ink;

/// What is above the rows.
const ABOVE: u32 = 8;
/// What is below them.
const BELOW: u32 = 46;
/// What is to the right, for the figures.
const RIGHT: u32 = 84;

/// Pixels that rows of a height take with what is around them.
pub(super) fn rows_height(rows: usize, each: u32) -> u32 {
    ABOVE + rows as u32 * each + BELOW
}

/// Space around rows with these names, in a chart so wide.
pub(super) fn rows_margins<'a>(names: impl Iterator<Item = &'a str>, width: u32) -> Margins {
    let least = if is_narrow(width) { 92 } else { 150 };
    Margins {
        top: ABOVE,
        right: RIGHT,
        bottom: BELOW,
        left: names_margin(names, least, width),
    }
}

/// Writes a variant's name at the left of its row, and its figure at the right. `left` and `right` are where the row
/// begins and ends, in pixels.
pub(super) fn name_row(
    canvas: &Canvas<'_>,
    (id, figure): (&str, &str),
    (left, right): (i32, i32),
    middle: i32,
) -> Drawn {
    let id = text::line(id, (f64::from(left - 14) / CHARACTER) as usize);
    let beside = (HPos::Right, VPos::Center);
    write(canvas, &id, (left - 8, middle), Ink::Text, beside)?;
    let beside = (HPos::Left, VPos::Center);
    write(canvas, figure, (right + 8, middle), Ink::Text, beside)
}
