//! Parts that are collapsed: steps, instructions, sweeps, histograms, what was written to standard error, and how it
//! was made.

use std::fmt::Write as _;

use super::escape::{cell, fence, label, sentence};
use super::table::table;
use crate::report::{Report, format, text, words};

pub(super) fn steps(report: &Report) -> String {
    let rows = words::steps::rows(report).into_iter().map(|row| {
        let names = [row.variant, row.step].map(|name| label(&name));
        names.into_iter().chain(row.figures).collect()
    });
    let rows: Vec<Vec<String>> = rows.collect();
    if rows.is_empty() {
        return String::new();
    }
    let head: Vec<&str> = ["variant", "step"]
        .into_iter()
        .chain(words::steps::columns(report))
        .collect();
    table(&head, &[2, 3, 4, 5], &rows)
}

pub(super) fn instructions(report: &Report) -> String {
    let Some((title, rows)) = report.instructions() else {
        return String::new();
    };
    let rows: Vec<Vec<String>> = rows
        .into_iter()
        .map(|row| {
            let id = label(&row.id);
            vec![
                format!("**{id}**"),
                row.count,
                row.difference,
                cell(&row.said),
            ]
        })
        .collect();
    let head = ["variant", "instructions", "to the baseline", ""];
    format!("{title}\n\n{}", table(&head, &[1, 2], &rows))
}

pub(super) fn growth(report: &Report) -> String {
    let mut out = String::new();
    for sweep in &report.sweeps {
        let parameter = label(&sweep.parameter);
        for (id, said) in sweep.told() {
            let (id, said) = (label(id), sentence(&said));
            let _ = writeln!(out, "- **{id}** over {parameter}: {said}");
        }
    }
    out
}

pub(super) fn at_equal_quality(report: &Report) -> String {
    let mut out = String::new();
    for sweep in report.sweeps.iter().filter(|sweep| sweep.quality.is_some()) {
        for (id, said) in sweep.at_equal_quality() {
            let (id, said) = (label(id), sentence(&said));
            let _ = writeln!(out, "- **{id}** {said}");
        }
    }
    out
}

pub(super) fn histograms(report: &Report) -> String {
    let mut rows = Vec::new();
    for variant in &report.variants {
        for histogram in &variant.histograms {
            let quantiles: Vec<String> = histogram
                .quantiles
                .iter()
                .map(|&(q, v)| {
                    format!(
                        "p{} {}",
                        words::quantile(q),
                        format::value(histogram.unit, v)
                    )
                })
                .collect();
            rows.push(vec![
                label(&variant.id),
                label(&histogram.name),
                format::count(histogram.count as f64),
                quantiles.join(", "),
                format::value(histogram.unit, histogram.max),
            ]);
        }
    }
    if rows.is_empty() {
        return String::new();
    }
    table(
        &["variant", "histogram", "values", "quantiles", "max"],
        &[2, 4],
        &rows,
    )
}

pub(super) fn stderr(report: &Report) -> String {
    let mut out = String::new();
    for variant in &report.variants {
        let tail = variant.stderr_tail.as_deref().unwrap_or_default();
        let tail = text::tail(tail, 2_000);
        if !tail.is_empty() {
            let id = label(&variant.id);
            let _ = write!(out, "**{id}**\n\n{}\n", fence("", &tail));
        }
    }
    out
}

pub(super) fn machine(report: &Report) -> String {
    let mut out = String::new();
    for (name, value) in words::machine(report) {
        let _ = writeln!(out, "- {name}: {}", cell(&value));
    }
    let _ = writeln!(out, "- method: {}", sentence(&report.method));
    out
}

pub(super) fn again(report: &Report) -> String {
    let mut out = fence("sh", &text::line(&report.command, 2_000));
    if !report.scenario_text.is_empty() {
        let scenario = text::whole(&report.scenario_text);
        if scenario.chars().count() <= 8_000 {
            let _ = write!(
                out,
                "\nwhere the scenario is\n\n{}",
                fence("yaml", &scenario)
            );
        } else {
            out.push_str("\nThe scenario's text is in `report.html`.\n");
        }
    }
    out
}
