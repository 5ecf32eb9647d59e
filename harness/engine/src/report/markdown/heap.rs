//! The heap, call site by call site: what holds most of it, and what changed against another heap.

use std::fmt::Write as _;

use super::escape::{code, label, sentence};
use super::table::table;
use crate::analyze::heap_difference;
use crate::evidence::{CallSite, HeapProfile};
use crate::report::words::{self, heap};
use crate::report::{HeapDifference, Report, VariantReport, format};

/// Call sites shown of a variant.
const SITES: usize = 5;
/// Call sites shown of a variant's heap against the baseline's.
const CHANGED_SITES: usize = 8;

pub(super) fn call_sites(report: &Report) -> String {
    let mut out = String::new();
    for variant in &report.variants {
        let Some(profile) = &variant.profile else {
            continue;
        };
        let rows: Vec<Vec<String>> = profile
            .sites
            .iter()
            .take(SITES)
            .map(|site| {
                vec![
                    heap::site_at_peak(site),
                    format::percent(heap::share(site, profile)),
                    format!("{}{}", call_site(site), heap::side(site)),
                ]
            })
            .collect();
        let _ = write!(out, "{}\n\n", profile_head(variant, profile));
        if !rows.is_empty() {
            out.push_str(&table(
                &["at the peak", "share", "call site"],
                &[0, 1],
                &rows,
            ));
        }
    }
    out
}

fn call_site(site: &CallSite) -> String {
    let (own, caller) = words::call_site(site);
    let caller = caller.map(|caller| format!(" from {}", code(&caller)));
    format!("{}{}", code(&own), caller.unwrap_or_default())
}

fn profile_head(variant: &VariantReport, profile: &HeapProfile) -> String {
    let stripped = if profile.stripped {
        "; the binary is stripped, so call sites have no names"
    } else {
        ""
    };
    format!(
        "**{}**: {} at the heap's peak, {}{stripped}",
        label(&variant.id),
        heap::at_peak(profile),
        sentence(&heap::origin(profile)),
    )
}

pub(super) fn against(report: &Report) -> String {
    let mut out = String::new();
    for (variant, old, new) in report.heaps_against_baseline() {
        let difference = heap_difference(old, new);
        let id = label(&variant.id);
        let head = sentence(&heap::head(&difference));
        let _ = write!(out, "**{id}**: {head}\n\n{}", heap_table(&difference));
    }
    if !out.is_empty() {
        let _ = writeln!(out, "<sub>{}</sub>", heap::SHORT_LIVED);
    }
    out
}

/// The call sites that changed the most, and all others together.
pub(in crate::report) fn heap_table(difference: &HeapDifference) -> String {
    let mut out = String::new();
    for note in &difference.notes {
        let _ = writeln!(out, "- {}", sentence(note));
    }
    if !difference.notes.is_empty() {
        out.push('\n');
    }
    let shown = difference.sites.iter().take(CHANGED_SITES);
    let rows: Vec<Vec<String>> = shown
        .map(|site| {
            let place = code(&heap::place(site));
            let mut row = vec![format!("{place}{}", heap::matched_mark(site.matched))];
            row.extend(heap::changes(site.old, site.new));
            row
        })
        .collect();
    let mut head = vec!["call site"];
    head.extend(heap::FIGURES);
    out.push_str(&table(&head, &[1, 2, 3, 4], &rows));
    out
}
