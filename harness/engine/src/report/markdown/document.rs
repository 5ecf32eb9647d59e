//! The whole document: its parts in their order, and which of them there is room for.

use std::fmt::Write as _;

use super::escape::{cell, sentence};
use super::{details, heap, memory, summary};
use crate::report::{Report, comparison};

/// A comment on GitHub holds 65,536 characters; half of that leaves room for company.
pub(super) const BUDGET: usize = 32_000;

/// Renders a report as GitHub-flavoured Markdown of at most 32,000 characters: alarms, verdicts,
/// variants, then collapsible details as far as there is room.
pub fn markdown(report: &Report) -> String {
    let mut out = Document::default();
    let title = cell(&report.title());
    out.push(&format!("### {title}: {}\n\n", report.tally()));
    if !report.about.trim().is_empty() {
        out.push(&format!("{}\n\n", sentence(&report.about)));
    }
    out.push(&summary::alarms(report));
    out.push(&summary::verdicts(report));
    if let Some(comparison) = &report.comparison {
        out.push(&comparison::section(comparison));
    }
    out.push(&summary::variants(report));
    out.push(&summary::endings(report));
    out.section("Steps", &details::steps(report));
    out.section(
        "Where the memory is at the peak",
        &memory::reconciliation(report),
    );
    out.section("Instructions", &details::instructions(report));
    out.section("How it grows", &details::growth(report));
    out.section(
        "Floor: the smallest memory cap that is enough",
        &memory::floors(report),
    );
    out.section("At equal quality", &details::at_equal_quality(report));
    out.section(
        "Top call sites at the heap's peak",
        &heap::call_sites(report),
    );
    out.section("Heap against the baseline", &heap::against(report));
    out.section("Histograms", &details::histograms(report));
    out.section(
        "Standard error of what did not complete",
        &details::stderr(report),
    );
    out.section("Machine and method", &details::machine(report));
    out.section("Run it again", &details::again(report));
    out.finish()
}

/// The text, and what had to be left out of it.
#[derive(Default)]
struct Document {
    text: String,
    left_out: Vec<&'static str>,
}

impl Document {
    fn push(&mut self, part: &str) {
        self.text.push_str(part);
    }

    /// A collapsed part, where there is anything in it and room for it.
    fn section(&mut self, title: &'static str, body: &str) {
        if body.is_empty() {
            return;
        }
        let section = format!("<details><summary>{title}</summary>\n\n{body}\n</details>\n\n");
        if self.text.chars().count() + section.chars().count() > BUDGET - 500 {
            self.left_out.push(title);
        } else {
            self.text.push_str(&section);
        }
    }

    fn finish(mut self) -> String {
        if !self.left_out.is_empty() {
            let _ = writeln!(
                self.text,
                "_Left out here for length, and in `report.html`: {}._",
                self.left_out.join("; ")
            );
        }
        self.text
    }
}
