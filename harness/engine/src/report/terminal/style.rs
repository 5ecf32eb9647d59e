//! How wide a terminal is, and whether it has colours.

use crate::report::{Verdict, VerdictReport};

/// Columns that a narrower terminal is taken to have.
const NARROWEST: usize = 60;

/// How a terminal is written to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    /// Columns; less than 60 is taken as 60.
    pub width: usize,
    /// Whether colours are used.
    pub colour: bool,
}

impl Style {
    /// Without colours, at a width.
    pub fn plain(width: usize) -> Style {
        Style {
            width,
            colour: false,
        }
    }

    /// The same, wide enough to write a table to.
    pub(in crate::report) fn widened(self) -> Style {
        Style {
            width: self.width.max(NARROWEST),
            ..self
        }
    }

    pub(in crate::report) fn paint(self, sgr: &str, text: &str) -> String {
        if self.colour {
            format!("\u{1b}[{sgr}m{text}\u{1b}[0m")
        } else {
            text.to_owned()
        }
    }

    pub(in crate::report) fn bold(self, text: &str) -> String {
        self.paint("1", text)
    }

    pub(in crate::report) fn faint(self, text: &str) -> String {
        self.paint("2", text)
    }

    /// Its word, in a colour where the exit code depends on it.
    pub(super) fn verdict(self, report: &VerdictReport) -> String {
        let (sgr, word) = match report.verdict {
            Verdict::Pass => ("1;32", "PASS"),
            Verdict::Fail => ("1;31", "FAIL"),
            Verdict::Inconclusive => ("1;33", "INCONCLUSIVE"),
            Verdict::Absent => ("1;35", "ABSENT"),
        };
        self.paint(if report.gate { sgr } else { "2" }, word)
    }
}
