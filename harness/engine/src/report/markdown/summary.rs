//! What stands open at the top: alarms, verdicts, the table of variants, how those ended that did not complete.

use std::fmt::Write as _;

use super::escape::{cell, label, sentence, variant_name};
use super::table::table;
use crate::report::words::FIGURES;
use crate::report::{Report, Verdict};

/// Alarms, and variants that did not complete, of which more are not shown.
const SHOWN: usize = 20;

pub(super) fn alarms(report: &Report) -> String {
    let mut out = String::new();
    for alarm in report.alarms().take(SHOWN) {
        let _ = writeln!(out, "> - {}", sentence(alarm));
    }
    if out.is_empty() {
        return out;
    }
    format!("> [!WARNING]\n{out}\n")
}

pub(super) fn verdicts(report: &Report) -> String {
    if report.verdicts.is_empty() {
        return "No targets: nothing is judged.\n\n".into();
    }
    let rows: Vec<Vec<String>> = report
        .verdicts
        .iter()
        .map(|verdict| {
            let mark = match verdict.verdict {
                other if !verdict.gate => &format!("ℹ️ {other}"),
                Verdict::Pass => "✅ pass",
                Verdict::Fail => "❌ **fail**",
                Verdict::Inconclusive => "❔ inconclusive",
                Verdict::Absent => "➖ absent",
            };
            let mut evidence = sentence(&verdict.evidence);
            if let Some(reason) = &verdict.reason {
                let _ = write!(evidence, "<br>{}", sentence(reason));
            }
            vec![mark.into(), cell(&verdict.target), evidence]
        })
        .collect();
    table(&["verdict", "target", "evidence"], &[], &rows)
}

pub(super) fn variants(report: &Report) -> String {
    let rows: Vec<Vec<String>> = report
        .variants
        .iter()
        .map(|variant| {
            let with_ratio = |metric: &str| {
                let figure = variant.figure_text(metric);
                match variant.ratio_text(metric) {
                    Some(ratio) => format!("{figure} ({ratio})"),
                    None => figure,
                }
            };
            let mut output = report.sameness(variant).word();
            if report.verified(variant) {
                output.push_str(", verified");
            }
            vec![
                variant_name(&variant.id, variant.baseline),
                variant.outcome.to_string(),
                with_ratio("wall"),
                with_ratio("cpu"),
                with_ratio("peak_rss"),
                variant.figure_text("heap_peak"),
                variant.figure_text("heap_peak_c"),
                output,
            ]
        })
        .collect();
    let head = [
        "variant",
        "outcome",
        "wall",
        "cpu",
        "peak RSS",
        "heap peak",
        "of it C",
        "output",
    ];
    format!(
        "{}<sub>{FIGURES}.</sub>\n\n",
        table(&head, &[2, 3, 4, 5, 6], &rows)
    )
}

pub(super) fn endings(report: &Report) -> String {
    let mut out = String::new();
    for variant in report.incomplete().take(SHOWN) {
        let id = label(&variant.id);
        let _ = writeln!(out, "- **{id}** {}", sentence(&variant.diagnosis));
    }
    if !out.is_empty() {
        out.push('\n');
    }
    out
}
