//! Which metrics are compared.

use std::collections::BTreeSet;

use crate::evidence::METRICS;
use crate::report::{Report, VariantReport};

/// Asks for every metric there is.
const ALL: &str = "all";

/// Metrics of the harness that explain others. They are compared where they are asked for, or where a target
/// binds them.
const EXPLAINING: [&str; 13] = [
    "user",
    "sys",
    "peak_rss_anon",
    "peak_rss_file",
    "peak_rss_tree",
    "heap_peak_c",
    "heap_total",
    "unaccounted_share",
    "ledger_gap",
    "minor_faults",
    "major_faults",
    "context_switches",
    "scratch_peak",
];

/// The metrics of a variant that are compared, by name: those asked for; else all but those that explain
/// others and those of phases and steps, unless a target of either scenario binds them.
pub(super) fn metrics<'a>(
    asked: &[String],
    reports: &[&'a Report],
    variants: &[&'a VariantReport],
) -> Vec<&'a str> {
    let names: BTreeSet<&str> = variants
        .iter()
        .flat_map(|variant| variant.metrics.keys())
        .map(String::as_str)
        .collect();
    let bound: BTreeSet<&str> = reports
        .iter()
        .flat_map(|report| &report.verdicts)
        .filter_map(|verdict| verdict.metric.as_deref())
        .collect();
    let by_default = |name: &str| {
        let of_a_part = name.starts_with("phase.") || name.starts_with("step.");
        let explains = of_a_part || EXPLAINING.contains(&name);
        !explains || bound.contains(name)
    };
    let mut names: Vec<&str> = names
        .into_iter()
        .filter(|name| match asked {
            [] => by_default(name),
            asked => asked.iter().any(|one| one == name || one == ALL),
        })
        .collect();
    // As the table of metrics has them; what workloads report comes after.
    names.sort_by_key(|name| place(name));
    names
}

fn place(name: &str) -> usize {
    let place = METRICS.iter().position(|metric| metric.name == name);
    place.unwrap_or(METRICS.len())
}

/// Every name that `metrics` may be asked for.
pub(super) fn names<'a>(reports: impl Iterator<Item = &'a Report>) -> BTreeSet<&'a str> {
    let names = reports
        .flat_map(|report| &report.variants)
        .flat_map(|variant| variant.metrics.keys())
        .map(String::as_str);
    names.chain([ALL]).collect()
}
