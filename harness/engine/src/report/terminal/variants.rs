//! The table of variants, as wide as the terminal allows, and how those ended that did not complete.

use super::Style;
use super::lines::{push, wrap};
use super::table::ruled;
use crate::evidence::Outcome;
use crate::report::words::{FIGURES, NOTHING};
use crate::report::{Report, VariantReport, text};

/// From this width on, ratios get columns of their own instead of a second line in their cell.
const WIDE: usize = 112;

/// Columns for the words on a variant's output.
const OUTPUT: usize = 10;

const NARROW_HEAD: [&str; 7] = [
    "variant",
    "wall",
    "cpu",
    "peak RSS",
    "heap peak",
    "of it C",
    "output",
];

const WIDE_HEAD: [&str; 11] = [
    "variant",
    "outcome",
    "wall",
    "x base",
    "cpu",
    "x base",
    "peak RSS",
    "x base",
    "heap peak",
    "of it C",
    "output",
];

pub(super) fn table(report: &Report, style: Style) -> String {
    let table = match style.width >= WIDE {
        true => wide(report, style),
        false => narrow(report, style),
    };
    let note = wrap(FIGURES, style.width).join("\n");
    format!("{table}\n{}", style.faint(&note))
}

fn wide(report: &Report, style: Style) -> String {
    let mut rows = vec![WIDE_HEAD.map(str::to_owned).to_vec()];
    let variants = report.variants.iter();
    rows.extend(variants.map(|variant| wide_row(report, variant, style)));
    ruled(rows, 2..WIDE_HEAD.len() - 1)
}

fn narrow(report: &Report, style: Style) -> String {
    let mut rows = vec![NARROW_HEAD.map(str::to_owned).to_vec()];
    let variants = report.variants.iter();
    rows.extend(variants.map(|variant| narrow_row(report, variant, style)));
    let mut columns = NARROW_HEAD.len();
    // What a narrow terminal has no room for, the least telling first.
    for (room, place) in [(80, 5), (70, 2)] {
        if style.width < room {
            columns -= 1;
            rows.iter_mut().for_each(|row| drop(row.remove(place)));
        }
    }
    ruled(rows, 1..columns - 1)
}

fn narrow_row(report: &Report, variant: &VariantReport, style: Style) -> Vec<String> {
    let stacked = |name: &str| {
        let figure = variant.figure_text(name);
        match variant.ratio_text(name) {
            Some(ratio) => format!("{figure}\n{}", style.faint(&ratio)),
            None => figure,
        }
    };
    let mut name = name_cell(&variant.id, if style.width < 76 { 12 } else { 18 }, style);
    if variant.baseline {
        name = format!("{name}\n{}", style.faint("baseline"));
    }
    if variant.outcome != Outcome::Completed {
        name = format!("{name}\n{}", style.paint("31", variant.outcome.name()));
    }
    vec![
        name,
        stacked("wall"),
        stacked("cpu"),
        stacked("peak_rss"),
        stacked("heap_peak"),
        variant.figure_text("heap_peak_c"),
        output_cell(report, variant, style),
    ]
}

fn wide_row(report: &Report, variant: &VariantReport, style: Style) -> Vec<String> {
    let ratio = |name: &str| {
        let own = || {
            if variant.baseline {
                "1 x".into()
            } else {
                NOTHING.to_owned()
            }
        };
        variant.ratio_text(name).unwrap_or_else(own)
    };
    let outcome = match variant.outcome {
        Outcome::Completed => variant.outcome.to_string(),
        other => style.paint("31", other.name()),
    };
    vec![
        name_cell(&variant.id, 18, style),
        outcome,
        variant.figure_text("wall"),
        ratio("wall"),
        variant.figure_text("cpu"),
        ratio("cpu"),
        variant.figure_text("peak_rss"),
        ratio("peak_rss"),
        variant.figure_text("heap_peak"),
        variant.figure_text("heap_peak_c"),
        output_cell(report, variant, style),
    ]
}

/// Whether a variant's output is the reference's, and proved.
fn output_cell(report: &Report, variant: &VariantReport, style: Style) -> String {
    let word = wrap(&report.sameness(variant).word(), OUTPUT).join("\n");
    match report.verified(variant) {
        true => format!("{word}\n{}", style.faint("verified")),
        false => word,
    }
}

/// A variant's name, broken behind the `+` and `-` of its parts where it is too long for a line: names
/// made by a matrix differ at their ends.
fn name_cell(id: &str, room: usize, style: Style) -> String {
    let id = text::line(id, text::LABEL);
    let mut lines = vec![String::new()];
    for part in id.split_inclusive(['+', '-']) {
        let used = lines.last().map_or(0, |line| line.chars().count());
        if used > 0 && used + part.chars().count() > room {
            lines.push(String::new());
        }
        if let Some(line) = lines.last_mut() {
            line.push_str(part);
        }
    }
    let lines = lines.iter().map(|line| style.bold(&text::line(line, room)));
    lines.collect::<Vec<_>>().join("\n")
}

pub(super) fn endings(out: &mut String, report: &Report, style: Style) {
    for variant in report.incomplete() {
        let said = format!(
            "{}: {}",
            text::line(&variant.id, text::LABEL),
            text::line(&variant.diagnosis, text::SENTENCE)
        );
        out.push('\n');
        for line in wrap(&said, style.width) {
            push(out, &style.paint("31", &line));
        }
    }
}
