//! Peaks and counts.

use super::{against, change};
use crate::analyze::compare::testing::{result, value};
use crate::report::{Difference, Method, Metric, Report};

fn peak(values: &[f64]) -> Report {
    let mut report = result(&["a"]);
    value(&mut report, "a", "peak_rss", values);
    report
}

#[test]
fn peaks_are_compared_by_their_extremes() {
    let said = |old: &[f64], new: &[f64]| {
        let comparison = against(peak(old), peak(new));
        change(&comparison, "a", "peak_rss").verdict
    };
    let old = [100e6, 100.1e6, 99.9e6];
    assert_eq!(
        said(&old, &[102.2e6, 102.1e6, 102.2e6]),
        Difference::Regressed
    );
    assert_eq!(said(&old, &[97.0e6, 97.1e6, 97.0e6]), Difference::Improved);
    assert_eq!(
        said(&old, &[100.2e6, 100.1e6, 99.8e6]),
        Difference::NoDifference
    );
    assert_eq!(said(&old, &[95e6, 100e6, 120e6]), Difference::Inconclusive);
    // One run each: what sessions differ by is all that is known, and a page more is within it.
    assert_eq!(said(&[100e6], &[100.004e6]), Difference::NoDifference);
    assert_eq!(said(&[100e6], &[104e6]), Difference::Regressed);
}

#[test]
fn peaks_of_the_fork_server_s_size_decide_nothing() {
    let of = |peak: f64, resolution: u64| {
        let mut report = self::peak(&[peak; 5]);
        report.resolution = Some(resolution);
        report
    };
    let said = |old: Report, new: Report| {
        let comparison = against(old, new);
        let change = change(&comparison, "a", "peak_rss");
        (change.verdict, change.reason.clone().unwrap_or_default())
    };
    let (verdict, reason) = said(of(5.9e6, 5_800_000), of(5.5e6, 5_400_000));
    assert_eq!(verdict, Difference::Inconclusive);
    assert!(reason.contains("fork server"), "{reason}");
    // What is clear of it is surely more than what is not.
    let verdict = |old, new| said(old, new).0;
    let (small, large) = (of(5.5e6, 5_400_000), of(9e6, 5_800_000));
    assert_eq!(verdict(large.clone(), small.clone()), Difference::Improved);
    assert_eq!(verdict(small.clone(), large.clone()), Difference::Regressed);
    assert_eq!(verdict(large, of(8e6, 5_400_000)), Difference::Improved);
    assert_eq!(verdict(small.clone(), small), Difference::NoDifference);
}

#[test]
fn counts_are_compared_to_the_last_one() {
    let counted = |allocations: f64| {
        let mut report = result(&["a"]);
        value(&mut report, "a", "allocations", &[allocations]);
        report
    };
    let said = |old, new| {
        let comparison = against(counted(old), counted(new));
        let change = change(&comparison, "a", "allocations");
        (change.verdict, change.method)
    };
    assert_eq!(said(1e6, 1e6), (Difference::NoDifference, Method::Exact));
    assert_eq!(said(1e6, 1e6 + 1.0), (Difference::Regressed, Method::Exact));
    assert_eq!(said(1e6, 5e5), (Difference::Improved, Method::Exact));
    assert_eq!(said(0.0, 0.0), (Difference::NoDifference, Method::Exact));
    assert_eq!(said(0.0, 7.0), (Difference::Regressed, Method::Exact));
}

#[test]
fn what_was_not_measured_in_the_same_way_is_not_compared() {
    let by = |source: &str, size: &str| {
        let mut report = result(&["a"]);
        value(&mut report, "a", "instructions", &[1e9, 1.01e9]);
        report.instructions_at = Some(size.into());
        if let Some(Metric::Value(value)) = report.variants[0].metrics.get_mut("instructions") {
            value.source = source.into();
        }
        report
    };
    let said = |new: Report| {
        let comparison = against(by("perf", "smoke"), new);
        let change = change(&comparison, "a", "instructions");
        (change.verdict, change.reason.clone().unwrap_or_default())
    };
    assert_eq!(said(by("perf", "smoke")).0, Difference::NoDifference);
    let (verdict, reason) = said(by("valgrind", "smoke"));
    assert_eq!(verdict, Difference::Inconclusive);
    assert!(reason.contains("perf, then valgrind"), "{reason}");
    let (verdict, reason) = said(by("perf", "full"));
    assert_eq!(verdict, Difference::Inconclusive);
    assert!(reason.contains("another size"), "{reason}");
}
