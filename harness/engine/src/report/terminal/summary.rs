//! The whole summary, part by part.

use super::Style;
use super::details::{floors, instructions, reconciliations, steps, sweeps};
use super::lines::{alarm, push};
use super::variants::{endings, table};
use super::verdicts::verdicts;
use crate::report::{Report, comparison, text};

/// The final summary of a scenario: alarms, verdicts, a table of variants, the reconciliation in
/// short, and where the report is.
pub fn summary(report: &Report, style: Style, report_path: Option<&str>) -> String {
    let style = style.widened();
    let mut out = String::new();
    let title = text::line(&report.title(), style.width);
    push(&mut out, &style.bold(&title));
    push(&mut out, &style.faint(&report.extent()));
    let sgr = if report.grave() { "1;31" } else { "1;33" };
    for said in report.alarms() {
        alarm(&mut out, said, sgr, style);
    }
    out.push('\n');
    verdicts(&mut out, report, style);
    out.push('\n');
    if let Some(comparison) = &report.comparison {
        out.push_str(&comparison::body(comparison, style));
        out.push('\n');
    }
    push(&mut out, &table(report, style));
    endings(&mut out, report, style);
    steps(&mut out, report, style);
    sweeps(&mut out, report, style);
    reconciliations(&mut out, report, style);
    instructions(&mut out, report, style);
    floors(&mut out, report, style);
    push(&mut out, &format!("\n{}", style.bold(&report.tally())));
    if let Some(path) = report_path {
        push(&mut out, &format!("report: {}", text::line(path, 4096)));
    }
    out
}
