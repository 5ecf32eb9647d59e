//! Names beside what they name: at the ends of lines, and in the margin at the ends of bounds.

use plotters::style::text_anchor::{HPos, VPos};

use super::frame::{Canvas, Drawn, path, stroke, text_width, write};
use super::ink::Ink;
use super::spread::spread;

/// Pixels from the middle of a label to that of the next.
const GAP: f64 = 17.0;
/// Pixels from what is named to its name.
const BESIDE: i32 = 10;

/// A name and the pixel that it belongs to.
pub(super) struct Label {
    pub(super) at: (i32, i32),
    pub(super) text: String,
    pub(super) ink: Ink,
}

/// Writes labels to the right of their pixels, within the rows `top..=bottom`. Those that reach
/// into the margin right of `edge` share it, and are moved apart; so are the others among
/// themselves. A thin line leads to a label that was moved.
pub(super) fn write_labels(
    canvas: &Canvas<'_>,
    labels: Vec<Label>,
    edge: i32,
    (top, bottom): (i32, i32),
) -> Drawn {
    let reaches = |label: &Label| label.at.0 + BESIDE + text_width(&label.text) > edge;
    let (margin, inside): (Vec<Label>, Vec<Label>) = labels.into_iter().partition(reaches);
    for group in [margin, inside] {
        let wanted: Vec<f64> = group.iter().map(|label| f64::from(label.at.1)).collect();
        let places = spread(&wanted, GAP, f64::from(top), f64::from(bottom));
        for (label, place) in group.iter().zip(places) {
            let ((x, y), place) = (label.at, place.round() as i32);
            if (place - y).abs() > 3 {
                let lead = vec![(x + 2, y), (x + BESIDE - 2, place)];
                path(canvas, lead, stroke(label.ink, 1))?;
            }
            let at = (x + BESIDE, place);
            write(
                canvas,
                &label.text,
                at,
                label.ink,
                (HPos::Left, VPos::Center),
            )?;
        }
    }
    Ok(())
}
