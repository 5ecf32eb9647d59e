//! Times, on one machine and on two.

use super::{against, change, scaled, times};
use crate::analyze::compare::testing::{machine, result, value};
use crate::report::{Difference, Method};

#[test]
fn a_slower_machine_is_not_a_regression() {
    let comparison = against(times(0.5, 1.0), times(0.5, 1.3));
    let b = change(&comparison, "b", "wall");
    assert_eq!(
        (b.verdict, b.method),
        (Difference::NoDifference, Method::Control)
    );
    // The baseline has no control: it is held against itself.
    let a = change(&comparison, "a", "wall");
    assert_eq!(
        (a.verdict, a.method),
        (Difference::Regressed, Method::Shift)
    );
    assert!((a.ratio.unwrap() - 1.3).abs() < 0.01);
}

#[test]
fn a_regression_shows_through_a_faster_machine() {
    let comparison = against(times(0.5, 1.3), times(0.65, 1.0));
    let b = change(&comparison, "b", "wall");
    assert_eq!(
        (b.verdict, b.method),
        (Difference::Regressed, Method::Control)
    );
    assert!((b.ratio.unwrap() - 1.3).abs() < 0.02, "{b:?}");
    assert!(b.low.unwrap() > 1.2 && b.high.unwrap() < 1.45, "{b:?}");
}

#[test]
fn within_what_sessions_differ_by_nothing_is_decided() {
    let comparison = against(times(0.5, 1.0), times(0.5, 1.08));
    let a = change(&comparison, "a", "wall");
    assert_eq!(a.verdict, Difference::Inconclusive);
    let reason = a.reason.as_deref().unwrap();
    assert!(
        reason.contains("two sessions of one build may differ by 18 %"),
        "{reason}"
    );
}

#[test]
fn few_runs_decide_nothing_about_times() {
    let mut old = result(&["a"]);
    value(&mut old, "a", "wall", &[1.0, 1.0, 1.1]);
    let mut new = result(&["a"]);
    value(&mut new, "a", "wall", &[9.0, 9.0, 9.1]);
    let comparison = against(old, new);
    let a = change(&comparison, "a", "wall");
    assert_eq!((a.verdict, a.low), (Difference::Inconclusive, None));
    assert!(
        a.reason
            .as_deref()
            .unwrap()
            .contains("3 and 3 runs are too few"),
        "{a:?}"
    );
}

#[test]
fn between_machines_only_ratios_and_counts_are_compared() {
    let on = |name: &str, slowness: f64, b: f64| {
        let mut report = times(b, slowness);
        report.machine = machine(name);
        for id in ["a", "b"] {
            value(
                &mut report,
                id,
                "peak_rss",
                &scaled(1e8 * slowness * slowness),
            );
            value(&mut report, id, "allocations", &[1e6]);
        }
        report
    };
    let comparison = against(on("here", 1.0, 0.5), on("there", 3.0, 0.5));
    assert!(comparison.scenarios[0].notes[0].contains("the machines differ"));
    let a = change(&comparison, "a", "wall");
    assert_eq!((a.verdict, a.ratio), (Difference::Inconclusive, None));
    assert!(
        a.reason.as_deref().unwrap().contains("the machines differ"),
        "{a:?}"
    );
    assert_eq!(change(&comparison, "b", "wall").method, Method::Control);
    assert_eq!(change(&comparison, "b", "peak_rss").method, Method::Control);
    assert_eq!(
        change(&comparison, "a", "allocations").verdict,
        Difference::NoDifference
    );
    let comparison = against(on("here", 1.0, 0.5), on("there", 3.0, 1.0));
    assert_eq!(
        change(&comparison, "b", "wall").verdict,
        Difference::Regressed
    );
}
