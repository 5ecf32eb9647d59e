//! Names beside what they name: at the ends of lines, and in the margin at the ends of bounds.

use plotters::style::text_anchor::{HPos, VPos};

use super::frame::{Canvas, Drawn, path, stroke, text_width, write};
use super::ink::Ink;

/// Pixels from the middle of a label to that of the next at least.
const GAP: i32 = 17;
/// Pixels from what is named to its name.
const BESIDE: i32 = 10;

/// A name and the pixel that it belongs to.
pub(super) struct Label {
    pub(super) at: (i32, i32),
    pub(super) text: String,
    pub(super) ink: Ink,
}

/// Writes labels to the right of their pixels, within the rows `top..=bottom`, each as near to
/// its row as those before it leave room. A thin line leads to a label that was moved.
pub(super) fn write_labels(
    canvas: &Canvas<'_>,
    mut labels: Vec<Label>,
    (top, bottom): (i32, i32),
) -> Drawn {
    labels.sort_by_key(|label| (label.at.1, label.at.0));
    let mut taken: Vec<Taken> = Vec::new();
    for label in labels {
        let (x, y) = label.at;
        let from = x + BESIDE;
        let wanted = Taken {
            from,
            to: from + text_width(&label.text),
            row: y.clamp(top, bottom.max(top)),
        };
        let place = wanted.nearest_free(&taken, (top, bottom));
        if (place.row - y).abs() > 3 {
            let lead = vec![(x + 2, y), (from - 2, place.row)];
            path(canvas, lead, stroke(label.ink, 1))?;
        }
        let at = (from, place.row);
        write(
            canvas,
            &label.text,
            at,
            label.ink,
            (HPos::Left, VPos::Center),
        )?;
        taken.push(place);
    }
    Ok(())
}

/// Where a label stands: columns, and its middle row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Taken {
    from: i32,
    to: i32,
    row: i32,
}

impl Taken {
    fn overlaps(self, other: Taken) -> bool {
        self.from < other.to && other.from < self.to && (self.row - other.row).abs() < GAP
    }

    /// Itself in the row nearest to its own where it overlaps none; in its own where there is none.
    fn nearest_free(self, taken: &[Taken], (top, bottom): (i32, i32)) -> Taken {
        let rows = (0..=bottom - top).flat_map(|step| [self.row + step, self.row - step]);
        let mut places = rows
            .filter(|row| (top..=bottom).contains(row))
            .map(|row| Taken { row, ..self });
        let free = places.find(|place| !taken.iter().any(|other| place.overlaps(*other)));
        free.unwrap_or(self)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_label_gives_way_only_to_what_it_overlaps() {
        let here = Taken {
            from: 0,
            to: 50,
            row: 100,
        };
        let beside = Taken { from: 60, ..here };
        assert_eq!(beside.nearest_free(&[here], (0, 200)), beside);
        let over = Taken {
            from: 40,
            to: 90,
            row: 104,
        };
        assert_eq!(over.nearest_free(&[here], (0, 200)).row, 100 + GAP);
        assert_eq!(over.nearest_free(&[here], (0, 110)).row, 100 - GAP);
    }

    proptest! {
        #[test]
        fn no_two_overlap(wanted in prop::collection::vec((0..300i32, 0..400i32), 0..12)) {
            let mut taken: Vec<Taken> = Vec::new();
            for (from, row) in wanted {
                let label = Taken { from, to: from + 80, row };
                let place = label.nearest_free(&taken, (0, 400));
                prop_assert!(!taken.iter().any(|other| place.overlaps(*other)));
                taken.push(place);
            }
        }
    }
}
