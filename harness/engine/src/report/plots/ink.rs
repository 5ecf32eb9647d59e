//! Colours of charts. Plotters writes fixed ones; each of ours is a placeholder that becomes a
//! CSS variable, so that the page's theme decides.

use plotters::style::RGBColor;

/// Colours for data: the Okabe-Ito palette, the first being the text's own colour.
const SERIES: u8 = 8;

/// What is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ink {
    /// Text and the marks that must be seen.
    Text,
    /// Names among the data, which lines may cross.
    Label,
    /// Axis labels.
    Muted,
    /// Grid lines and frames.
    Grid,
    /// The page behind the chart.
    Surface,
    /// Bounds and caps.
    Bound,
    /// Data, by place; wraps around.
    Series(usize),
}

impl Ink {
    /// The variable's number, which is the placeholder's blue.
    fn number(self) -> u8 {
        match self {
            Ink::Text => 0,
            Ink::Muted => 1,
            Ink::Grid => 2,
            Ink::Surface => 3,
            Ink::Bound => 4,
            Ink::Label => 5,
            Ink::Series(place) => 10 + (place % usize::from(SERIES)) as u8,
        }
    }

    /// The placeholder that plotters is given.
    pub(super) fn colour(self) -> RGBColor {
        RGBColor(1, 2, self.number())
    }
}

/// The class of a data colour in the page: `s0` to `s7`.
pub(crate) fn series_class(place: usize) -> String {
    format!("s{}", place % usize::from(SERIES))
}

/// Puts the page's variables in place of the placeholders. They stand between quotes, which the
/// text of a label never contains: there they are entities.
pub(super) fn themed(svg: &str) -> String {
    let mut svg = svg.to_owned();
    let fixed = [
        (Ink::Text, "text"),
        (Ink::Label, "label"),
        (Ink::Muted, "muted"),
        (Ink::Grid, "grid"),
        (Ink::Surface, "surface"),
        (Ink::Bound, "bound"),
    ];
    for (ink, name) in fixed {
        svg = svg.replace(&placeholder(ink), &format!("\"var(--{name})\""));
    }
    for place in 0..usize::from(SERIES) {
        let variable = format!("\"var(--{})\"", series_class(place));
        svg = svg.replace(&placeholder(Ink::Series(place)), &variable);
    }
    svg
}

fn placeholder(ink: Ink) -> String {
    let RGBColor(red, green, blue) = ink.colour();
    format!("\"#{red:02X}{green:02X}{blue:02X}\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_become_variables() {
        assert_eq!(
            themed("<path stroke=\"#01020B\"/><text fill=\"#010200\">&quot;#010200&quot;</text>"),
            "<path stroke=\"var(--s1)\"/><text fill=\"var(--text)\">&quot;#010200&quot;</text>"
        );
    }

    #[test]
    fn more_series_than_colours_wrap_around() {
        assert_eq!(Ink::Series(9).colour(), Ink::Series(1).colour());
        assert_eq!(series_class(9), "s1");
    }
}
