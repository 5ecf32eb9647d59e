//! Where the memory is: reconciliations, with the call sites behind their lines, and floors.

use std::fmt::Write as _;

use super::escape::{code, label, sentence};
use super::table::table;
use crate::report::words::{self, attribution};
use crate::report::{Report, VariantReport};

pub(super) fn reconciliation(report: &Report) -> String {
    let mut out = String::new();
    for (variant, reconciliation) in report.reconciled() {
        let id = label(&variant.id);
        let said = sentence(&reconciliation.in_short());
        let _ = writeln!(out, "- **{id}**: {said}");
        attributed(&mut out, variant);
    }
    out
}

fn attributed(out: &mut String, variant: &VariantReport) {
    for line in attribution(variant) {
        let of = label(&line.line);
        let _ = writeln!(
            out,
            "  - {of}; the largest call sites of that heap at its peak:"
        );
        for site in line.sites.into_iter().take(3) {
            let outside = site.outside.map_or_else(String::new, |outside| {
                format!(", at least {outside} of it outside the ledger")
            });
            let what = code(&site.what);
            let _ = writeln!(out, "    - {}{outside}: {what}", site.held);
        }
    }
}

pub(super) fn floors(report: &Report) -> String {
    let mut out = String::new();
    for (_, variant, floor) in words::floor::floors(report) {
        let id = label(&variant.id);
        let said = sentence(&floor.in_short());
        let rows = words::floor::attempts(floor).into_iter();
        let rows: Vec<Vec<String>> = rows.map(Vec::from).collect();
        let _ = write!(out, "**{id}**: {said}\n\n");
        if !rows.is_empty() {
            out.push_str(&table(&words::floor::COLUMNS, &[0, 2, 3, 4], &rows));
        }
    }
    out
}
