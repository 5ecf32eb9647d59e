//! Which results, variants and metrics are held against which.

use super::{NOISE, against, times, with};
use crate::analyze::compare::testing::{result, value};
use crate::analyze::compare::{Choice, ResultSet, compare};
use crate::report::{Difference, Report};

#[test]
fn what_has_no_counterpart_is_said() {
    let mut both = result(&["a", "b", "c"]);
    both.variants.remove(1);
    let comparison = against(result(&["a", "b"]), both);
    let notes = &comparison.scenarios[0].notes;
    assert!(notes.contains(&"in old alone: b".to_owned()), "{notes:?}");
    assert!(notes.contains(&"in new alone: c".to_owned()), "{notes:?}");
    let mut full = result(&["a"]);
    full.size = "full".into();
    let comparison = against(result(&["a"]), full);
    assert!(comparison.scenarios.is_empty());
    assert_eq!(comparison.notes[0], "sorts, size default, is in old alone");
    assert_eq!(comparison.notes[1], "sorts, size full, is in new alone");
}

#[test]
fn a_search_for_floors_is_not_held_against_a_full_run() {
    let floor = || {
        let mut report = times(0.5, 1.0);
        report.part = Some("floor".into());
        report
    };
    let comparison = against(times(0.5, 1.0), floor());
    assert!(comparison.scenarios.is_empty());
    assert_eq!(
        comparison.notes,
        [
            "sorts, size default, is in old alone",
            "sorts, size default, floor, is in new alone"
        ]
    );
    // Where both sets have both, in whatever order, each is held against its like.
    let set = |name: &str, results: Vec<Report>, started: &str| {
        let started = |mut report: Report| {
            report.started = started.into();
            report
        };
        ResultSet {
            name: name.into(),
            results: results.into_iter().map(started).collect(),
        }
    };
    let sets = [
        set("old", vec![floor(), times(0.5, 1.0)], "1"),
        set("new", vec![times(0.7, 1.0), floor()], "2"),
    ];
    let comparison = compare(&sets, &[], &Choice::default());
    assert!(comparison.notes.is_empty(), "{:?}", comparison.notes);
    let said: Vec<_> = comparison
        .scenarios
        .iter()
        .map(|one| {
            (
                one.part.as_deref(),
                one.variants[1].metrics[0].changes[0].verdict,
            )
        })
        .collect();
    assert_eq!(
        said,
        [
            (Some("floor"), Difference::NoDifference),
            (None, Difference::Regressed)
        ]
    );
}

#[test]
fn every_later_set_is_held_against_the_first() {
    let set = |name: &str, b: f64, started: &str| {
        let mut report = times(b, 1.0);
        report.started = started.into();
        ResultSet {
            name: name.into(),
            results: vec![report],
        }
    };
    let mut sets = vec![
        set("one", 0.5, "1"),
        set("two", 0.7, "2"),
        set("three", 0.35, "3"),
    ];
    sets[1].results[0].size = "full".into();
    let comparison = compare(&sets, &[], &Choice::default());
    assert_eq!(comparison.scenarios.len(), 1);
    assert_eq!(comparison.notes, ["sorts, size full, is not in one"]);
    let b = &comparison.scenarios[0].variants[1].metrics[0];
    let said: Vec<_> = b
        .changes
        .iter()
        .map(|change| (change.result, change.verdict))
        .collect();
    assert_eq!(said, [(2, Difference::Improved)]);
    assert!(comparison.scenarios[0].sessions[1].is_none());
}

#[test]
fn metrics_and_variants_can_be_chosen() {
    let mut old = times(0.5, 1.0);
    value(&mut old, "b", "user", &NOISE);
    let names = |choice: &Choice| -> Vec<(String, Vec<String>)> {
        let comparison = with(old.clone(), old.clone(), choice);
        let metrics = |metrics: &[crate::report::MetricComparison]| {
            metrics.iter().map(|metric| metric.metric.clone()).collect()
        };
        let variants = comparison.scenarios[0].variants.iter();
        variants
            .map(|variant| (variant.id.clone(), metrics(&variant.metrics)))
            .collect()
    };
    let choice = |metrics: &[&str], variants: &[&str]| Choice {
        metrics: metrics.iter().map(|name| (*name).to_owned()).collect(),
        variants: variants.iter().map(|name| (*name).to_owned()).collect(),
        fail_above: None,
    };
    assert_eq!(
        names(&choice(&[], &["b"])),
        [("b".into(), vec!["wall".into()])]
    );
    let all = vec!["wall".to_owned(), "user".to_owned()];
    assert_eq!(names(&choice(&["all"], &["b"])), [("b".into(), all)]);
    assert_eq!(
        names(&choice(&["user"], &["b"])),
        [("b".into(), vec!["user".into()])]
    );
    let sets = [ResultSet {
        name: "old".into(),
        results: vec![old.clone()],
    }];
    let unknown = choice(&["wal"], &[]);
    let (what, name, names) = unknown.unknown(&sets).unwrap();
    assert_eq!((what, name), ("metric", "wal"));
    assert!(names.contains("wall"));
    assert_eq!(choice(&["wall"], &["a"]).unknown(&sets), None);
}
