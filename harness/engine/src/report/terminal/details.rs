//! What stands below the table of variants, each part where there is anything to tell: steps, sweeps,
//! where the memory is, instructions, floors.

use super::Style;
use super::lines::{faint_paragraph, paragraph, push, visible, wrap};
use super::table::plain;
use crate::report::words::{self, NOTHING};
use crate::report::{Floor, Report, text};

/// The steps of variants that name them, one a line.
pub(super) fn steps(out: &mut String, report: &Report, style: Style) {
    let rows = words::steps::rows(report);
    if rows.is_empty() {
        return;
    }
    push(out, "\nsteps");
    let columns = words::steps::columns(report);
    let mut variant = String::new();
    for row in rows {
        if row.variant != variant {
            push(out, &format!("  {}", style.bold(&row.variant)));
            variant.clone_from(&row.variant);
        }
        let figures = columns.iter().zip(&row.figures);
        let figures = figures.filter(|(_, figure)| *figure != NOTHING);
        let figures: Vec<String> = figures
            .map(|(of, figure)| format!("{of} {figure}"))
            .collect();
        let said = format!("{}: {}", row.step, figures.join(", "));
        paragraph(out, &said, 4, style);
    }
}

/// How the metrics of sweeps grow, and what variants come to at equal quality.
pub(super) fn sweeps(out: &mut String, report: &Report, style: Style) {
    for sweep in &report.sweeps {
        let (title, told) = match &sweep.quality {
            Some(quality) => (format!("at equal {quality}"), sweep.at_equal_quality()),
            None => (
                format!("how it grows with {}", sweep.parameter),
                sweep.told(),
            ),
        };
        if told.is_empty() {
            continue;
        }
        push(out, &format!("\n{}", text::line(&title, text::LABEL)));
        let mut last = "";
        for (id, said) in told {
            if id != last {
                let id = text::line(id, text::LABEL);
                push(out, &format!("  {}", style.bold(&id)));
            }
            last = id;
            paragraph(out, &said, 4, style);
        }
    }
}

pub(super) fn reconciliations(out: &mut String, report: &Report, style: Style) {
    let mut reconciled = report.reconciled().peekable();
    if reconciled.peek().is_none() {
        return;
    }
    push(out, "\nwhere the memory is at the peak");
    for (variant, reconciliation) in reconciled {
        let name = text::line(&variant.id, text::LABEL);
        let said = reconciliation.in_short();
        for (place, line) in wrap(&said, style.width - 4).iter().enumerate() {
            if place == 0 && visible(&name) + 4 + visible(line) <= style.width {
                push(out, &format!("  {}  {line}", style.bold(&name)));
            } else if place == 0 {
                push(out, &format!("  {}", style.bold(&name)));
                push(out, &format!("    {line}"));
            } else {
                push(out, &format!("    {line}"));
            }
        }
    }
}

pub(super) fn instructions(out: &mut String, report: &Report, style: Style) {
    let Some((title, rows)) = report.instructions() else {
        return;
    };
    push(out, &format!("\n{}", title.to_lowercase()));
    for row in rows {
        let figures = [row.count, row.difference];
        let figures = figures.iter().filter(|text| !text.is_empty());
        let figures = figures.map(String::as_str).collect::<Vec<_>>().join("  ");
        push(out, &format!("  {}  {figures}", style.bold(&row.id)));
        faint_paragraph(out, &row.said, 4, style);
    }
}

pub(super) fn floors(out: &mut String, report: &Report, style: Style) {
    let mut searched = words::floor::floors(report).peekable();
    if searched.peek().is_none() {
        return;
    }
    push(out, "\nfloor: the smallest memory cap that is enough");
    for (_, variant, floor) in searched {
        let name = text::line(&variant.id, text::LABEL);
        push(
            out,
            &format!("  {}", style.bold(&text::line(&name, style.width - 2))),
        );
        paragraph(out, &floor.in_short(), 4, style);
        if report.part.is_some() {
            attempts(out, floor, style);
        }
    }
}

/// Every trial of a search, for who asked for nothing but it.
fn attempts(out: &mut String, floor: &Floor, style: Style) {
    let mut rows = vec![words::floor::COLUMNS.map(str::to_owned)];
    rows.extend(words::floor::attempts(floor));
    for line in plain(&rows, 1).lines() {
        push(out, &format!("    {}", style.faint(line.trim_end())));
    }
}
