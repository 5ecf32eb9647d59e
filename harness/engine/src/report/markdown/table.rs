//! Tables of Markdown.

use std::fmt::Write as _;

use crate::report::format;

/// What a table may take of the document.
const BUDGET: usize = 10_000;

/// A table with a head; rows beyond the budget are counted instead of shown. Cells are Markdown.
pub(in crate::report) fn table(head: &[&str], right: &[usize], rows: &[Vec<String>]) -> String {
    let mut out = format!("| {} |\n|", head.join(" | "));
    for column in 0..head.len() {
        out.push_str(if right.contains(&column) {
            " ---: |"
        } else {
            " --- |"
        });
    }
    out.push('\n');
    let mut used = 0;
    for (shown, row) in rows.iter().enumerate() {
        let row = format!("| {} |\n", row.join(" | "));
        used += row.chars().count();
        if used > BUDGET {
            let more = format::counted(rows.len() - shown, "row");
            let _ = write!(out, "\n_{more} more in `report.html`._\n");
            break;
        }
        out.push_str(&row);
    }
    out.push('\n');
    out
}
