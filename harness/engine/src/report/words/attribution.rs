//! The call sites behind the heap that the ledger does not cover.
//!
//! A ledger is what the program says it holds, by component; which call sites its components come
//! from it does not say. So shown are the largest call sites of the whole heap of that side, and
//! what is certain of them: a call site that holds more than the whole ledger holds the difference
//! outside of it.

use std::collections::BTreeMap;

use super::{call_site, estimated};
use crate::evidence::CallSite;
use crate::report::{VariantReport, format, text};

/// Call sites shown of a line.
const SHOWN: usize = 5;

/// A line of a reconciliation, and the call sites behind it.
#[derive(Debug, PartialEq)]
pub(crate) struct Attributed {
    /// The line's name and bytes.
    pub(crate) line: String,
    /// The largest call sites first.
    pub(crate) sites: Vec<AttributedSite>,
}

/// A call site: all stacks that end in the same line of the program.
#[derive(Debug, PartialEq)]
pub(crate) struct AttributedSite {
    /// The program's own line that allocates.
    pub(crate) what: String,
    /// What it holds at the heap's peak: bytes, or its share where the profile is of another size.
    pub(crate) held: String,
    /// What of it is outside of the ledger for certain.
    pub(crate) outside: Option<String>,
}

/// Said once above all of them.
pub(crate) const READING: &str = "The ledger does not say which call sites it counts. These are the largest of the \
     whole heap at its peak; what a call site holds beyond the whole ledger is outside of it for certain.";

/// The lines of a variant's reconciliation that call sites are behind, where it has a heap profile.
pub(crate) fn attribution(variant: &VariantReport) -> Vec<Attributed> {
    let (Some(reconciliation), Some(profile)) = (&variant.reconciliation, &variant.profile) else {
        return Vec::new();
    };
    if reconciliation.refused.is_some() {
        return Vec::new();
    }
    let ledger = reconciliation.lines.iter().filter(|line| line.ledger);
    let ledger = ledger.map(|line| line.bytes.max(0).unsigned_abs()).sum();
    let of_the_run = profile.size.is_none();
    let told = |what: String, held: Held| AttributedSite {
        what: text::line(&what, 160),
        held: if of_the_run {
            estimated(
                held.bytes,
                held.variance.map(|variance| variance.sqrt() as u64),
            )
        } else {
            let share = held.bytes as f64 / profile.at_peak.max(1) as f64;
            format!("{} of the profiled heap", format::percent(share))
        },
        outside: Some(held.bytes.saturating_sub(ledger))
            .filter(|outside| *outside > 0 && of_the_run)
            .map(|outside| format::bytes(outside as f64)),
    };
    let lines = reconciliation.lines.iter().filter_map(|line| {
        let c = match line.what.as_str() {
            _ if line.ledger || line.bytes <= 0 => return None,
            "Rust heap not in the ledger" => false,
            "C heap" => true,
            _ => return None,
        };
        let sites = largest(profile.sites.iter().filter(|site| site.c == c));
        Some(Attributed {
            line: format!("{}, {}", line.what, format::bytes(line.bytes as f64)),
            sites: sites
                .into_iter()
                .map(|(what, held)| told(what, held))
                .collect(),
        })
    });
    lines.filter(|line| !line.sites.is_empty()).collect()
}

/// What a call site holds at the peak.
#[derive(Clone, Copy, Default)]
struct Held {
    bytes: u64,
    /// Of an estimate.
    variance: Option<f64>,
}

fn largest<'a>(sites: impl Iterator<Item = &'a CallSite>) -> Vec<(String, Held)> {
    let mut by_line: BTreeMap<String, Held> = BTreeMap::new();
    for site in sites.filter(|site| site.at_peak > 0) {
        let held = by_line.entry(call_site(site).0).or_default();
        held.bytes = held.bytes.saturating_add(site.at_peak);
        if let Some(sampled) = site.sampled {
            let variance = (sampled.at_peak_error as f64).powi(2);
            held.variance = Some(held.variance.unwrap_or(0.0) + variance);
        }
    }
    let mut sites: Vec<_> = by_line.into_iter().collect();
    sites.sort_by_key(|(_, held)| std::cmp::Reverse(held.bytes));
    sites.truncate(SHOWN);
    sites
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::{HeapProfile, SampledFigures};
    use crate::report::{ReconciliationLine, sample};

    const MIB: u64 = 1 << 20;

    fn variant(size: Option<&str>) -> VariantReport {
        let mut variant = sample::report().variants.swap_remove(0);
        let line = |what: &str, mib: i64, ledger| ReconciliationLine {
            what: what.to_owned(),
            bytes: mib << 20,
            ledger,
        };
        let reconciliation = variant.reconciliation.as_mut().unwrap();
        reconciliation.lines = vec![
            line("queue", 60, true),
            line("seen", 40, true),
            line("Rust heap not in the ledger", 300, false),
            line("C heap", 50, false),
            line("stacks", 1, false),
        ];
        let site = |frame: &str, caller: &str, mib: u64, c| CallSite {
            frames: vec![frame.to_owned(), caller.to_owned()],
            at_peak: mib * MIB,
            c,
            sampled: Some(SampledFigures {
                samples: 1,
                at_peak_error: 3 * MIB,
                total_error: 0,
            }),
            ..CallSite::default()
        };
        variant.profile = Some(HeapProfile {
            at_peak: 450 * MIB,
            sites: vec![
                site(
                    "demo::grow (src/a.rs:1:1)",
                    "demo::main (src/a.rs:9:9)",
                    200,
                    false,
                ),
                site(
                    "demo::keep (src/b.rs:2:2)",
                    "demo::main (src/a.rs:9:9)",
                    60,
                    false,
                ),
                site(
                    "demo::grow (src/a.rs:1:1)",
                    "demo::other (src/a.rs:7:7)",
                    100,
                    false,
                ),
                site(
                    "ZSTD_create (zstd.c:5)",
                    "demo::main (src/a.rs:9:9)",
                    45,
                    true,
                ),
                site(
                    "demo::freed (src/c.rs:3:3)",
                    "demo::main (src/a.rs:9:9)",
                    0,
                    false,
                ),
            ],
            size: size.map(str::to_owned),
            ..HeapProfile::default()
        });
        variant
    }

    fn told(variant: &VariantReport) -> Vec<String> {
        let lines = attribution(variant).into_iter().flat_map(|line| {
            let sites = line.sites.into_iter().map(|site| {
                let outside = site.outside.unwrap_or_else(|| "-".to_owned());
                format!("{} | {} | {outside}", site.what, site.held)
            });
            std::iter::once(line.line).chain(sites).collect::<Vec<_>>()
        });
        lines.collect()
    }

    #[test]
    fn a_call_site_larger_than_the_ledger_is_partly_outside_for_certain() {
        let told = told(&variant(None));
        // Errors add up as variances do: of 3 and 3 it is 4.24.
        assert_eq!(
            told,
            [
                "Rust heap not in the ledger, 300 MiB",
                "demo::grow (src/a.rs:1:1) | 300 MiB ± 4.24 MiB | 200 MiB",
                "demo::keep (src/b.rs:2:2) | 60 MiB ± 3 MiB | -",
                "C heap, 50 MiB",
                "ZSTD_create (zstd.c:5) | 45 MiB ± 3 MiB | -",
            ]
        );
    }

    #[test]
    fn a_profile_of_another_size_gives_shares_and_nothing_for_certain() {
        let told = told(&variant(Some("tiny")));
        assert_eq!(
            told[1],
            "demo::grow (src/a.rs:1:1) | 67 % of the profiled heap | -"
        );
    }

    #[test]
    fn what_was_refused_or_not_profiled_is_not_attributed() {
        let mut refused = variant(None);
        refused.reconciliation.as_mut().unwrap().refused = Some("it moved".to_owned());
        let mut unprofiled = variant(None);
        unprofiled.profile = None;
        for variant in [refused, unprofiled] {
            assert_eq!(attribution(&variant), []);
        }
    }
}
