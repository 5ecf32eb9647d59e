//! The verdicts: each target in words, and below it what its verdict rests on.

use super::Style;
use super::lines::{faint_paragraph, push, visible, wrap};
use crate::report::{Report, text};

pub(super) fn verdicts(out: &mut String, report: &Report, style: Style) {
    if report.verdicts.is_empty() {
        push(out, "no targets: nothing is judged");
    }
    let labels = report
        .verdicts
        .iter()
        .map(|verdict| visible(&style.verdict(verdict)));
    let indent = labels.max().unwrap_or(0) + 2;
    for verdict in &report.verdicts {
        let target = text::line(&verdict.target, text::SENTENCE);
        let label = style.verdict(verdict);
        let lead = " ".repeat(indent - visible(&label));
        let lines = wrap(&target, style.width - indent).join(&format!("\n{:indent$}", ""));
        push(out, &format!("{label}{lead}{lines}"));
        let reason = verdict.reason.iter().map(String::as_str);
        for said in [verdict.evidence.as_str()].into_iter().chain(reason) {
            faint_paragraph(out, &text::line(said, text::SENTENCE), indent, style);
        }
    }
}
