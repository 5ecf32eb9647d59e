//! What comparisons say of results made by hand.

use proptest::prelude::*;

use super::testing::{machine, result, value};
use super::{Choice, ResultSet, compare};
use crate::evidence::Outcome;
use crate::report::{Change, Comparison, Difference, Method, Metric, OutputSameness, Report};

fn against(old: Report, new: Report) -> Comparison {
    with(old, new, &Choice::default())
}

fn with(old: Report, mut new: Report, choice: &Choice) -> Comparison {
    if new.started == old.started {
        new.started = "2026-11-21T00:00:00Z".into();
    }
    let set = |name: &str, report| ResultSet {
        name: name.into(),
        results: vec![report],
    };
    compare(&[set("old", old), set("new", new)], &[], choice)
}

fn change<'a>(comparison: &'a Comparison, id: &str, metric: &str) -> &'a Change {
    let variants = &comparison.scenarios[0].variants;
    let variant = variants.iter().find(|variant| variant.id == id).unwrap();
    let found = variant.metrics.iter().find(|one| one.metric == metric);
    &found
        .unwrap_or_else(|| panic!("no {metric} of {id}"))
        .changes[0]
}

const NOISE: [f64; 8] = [1.0, 1.004, 0.998, 1.002, 0.996, 1.001, 0.999, 1.003];

fn scaled(by: f64) -> Vec<f64> {
    NOISE.iter().map(|value| value * by).collect()
}

/// `a` takes a second, `b` what is said; both on a machine of that speed.
fn times(b: f64, slowness: f64) -> Report {
    let mut report = result(&["a", "b"]);
    value(&mut report, "a", "wall", &scaled(slowness));
    let mut wall = scaled(b * slowness);
    wall.rotate_left(3);
    value(&mut report, "b", "wall", &wall);
    report
}

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

#[test]
fn a_debug_build_decides_nothing() {
    let mut debug = times(0.5, 9.0);
    debug.machine.debug_build = true;
    let comparison = against(times(0.5, 1.0), debug);
    assert!(comparison.scenarios[0].notes[0].contains("new was measured by a debug build"));
    for id in ["a", "b"] {
        assert_eq!(
            change(&comparison, id, "wall").verdict,
            Difference::Inconclusive
        );
    }
}

#[test]
fn other_work_decides_nothing_and_is_said() {
    let mut other = times(0.9, 1.0);
    other.scenario_digest = "blake3:2".into();
    for variant in &mut other.variants {
        variant.inputs = Some("other".into());
        variant.params.insert("n".into(), 7.into());
        variant.build = Some("blake3:later".into());
    }
    let mut old = times(0.5, 1.0);
    for variant in &mut old.variants {
        variant.inputs = Some("some".into());
    }
    let comparison = against(old, other);
    let b = change(&comparison, "b", "wall");
    assert_eq!(b.verdict, Difference::Inconclusive);
    assert!(
        b.reason.as_deref().unwrap().contains("inputs differ"),
        "{b:?}"
    );
    let scenario = &comparison.scenarios[0];
    assert!(
        scenario
            .notes
            .iter()
            .any(|note| note.contains("scenario's file")),
        "{:?}",
        scenario.notes
    );
    let said = scenario.variants[1].notes.join("; ");
    assert_eq!(
        said,
        "another build in new; n not set, in new 7; other inputs in new"
    );
    assert_eq!(
        scenario.variants[1].endings[0].output,
        OutputSameness::Unknown
    );
}

#[test]
fn endings_and_outputs_are_compared() {
    let mut new = times(0.5, 1.0);
    new.variants[0]
        .digests
        .insert("stdout".into(), "blake3:other".into());
    new.variants[1].outcome = Outcome::OutOfMemory;
    new.variants[1].diagnosis = "out-of-memory: killed".into();
    new.variants[1].metrics.insert(
        "wall".into(),
        Metric::Absent {
            absent: "b ended".into(),
        },
    );
    let comparison = against(times(0.5, 1.0), new);
    let [a, b] = &comparison.scenarios[0].variants[..] else {
        panic!("two variants");
    };
    assert_eq!(a.endings[0].output, OutputSameness::Differs);
    assert_eq!(b.endings[0].verdict, Difference::Regressed);
    assert_eq!(b.endings[0].output, OutputSameness::Same);
    let wall = change(&comparison, "b", "wall");
    assert_eq!(
        (wall.verdict, wall.reason.as_deref()),
        (Difference::Absent, Some("b ended"))
    );
}

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

fn walls() -> impl Strategy<Value = Vec<(f64, f64)>> {
    prop::collection::vec((0.5..2.0_f64, 0.5..2.0_f64), 1..12)
}

fn of_pairs(pairs: &[(f64, f64)], unit: f64) -> Report {
    let mut report = result(&["a", "b"]);
    let (a, b): (Vec<f64>, Vec<f64>) = pairs.iter().map(|(a, b)| (a * unit, b * unit)).unzip();
    for name in ["wall", "peak_rss"] {
        value(&mut report, "a", name, &a);
        value(&mut report, "b", name, &b);
    }
    report
}

fn inverse(verdict: Difference) -> Difference {
    match verdict {
        Difference::Improved => Difference::Regressed,
        Difference::Regressed => Difference::Improved,
        other => other,
    }
}

fn near(a: Option<f64>, b: Option<f64>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => (a - b).abs() <= 1e-9 * a.abs().max(b.abs()),
        (a, b) => a == b,
    }
}

const ROWS: [(&str, &str); 4] = [
    ("a", "wall"),
    ("b", "wall"),
    ("a", "peak_rss"),
    ("b", "peak_rss"),
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn turning_old_and_new_round_turns_everything_round(old in walls(), new in walls()) {
        let there = against(of_pairs(&old, 1.0), of_pairs(&new, 1.0));
        let back = against(of_pairs(&new, 1.0), of_pairs(&old, 1.0));
        for (id, metric) in ROWS {
            let (there, back) = (change(&there, id, metric), change(&back, id, metric));
            prop_assert_eq!(there.verdict, inverse(back.verdict));
            prop_assert!(near(there.ratio, back.ratio.map(f64::recip)), "{there:?} {back:?}");
            prop_assert!(near(there.low, back.high.map(f64::recip)), "{there:?} {back:?}");
        }
    }

    #[test]
    fn the_unit_is_irrelevant(old in walls(), new in walls(), unit in 1e-3..1e3_f64) {
        let plain = against(of_pairs(&old, 1.0), of_pairs(&new, 1.0));
        let other = against(of_pairs(&old, unit), of_pairs(&new, unit));
        for (id, metric) in ROWS {
            let (a, b) = (change(&plain, id, metric), change(&other, id, metric));
            prop_assert_eq!(a.verdict, b.verdict);
            prop_assert!(near(a.ratio, b.ratio) && near(a.low, b.low) && near(a.high, b.high));
        }
    }

    #[test]
    fn a_result_does_not_differ_from_itself(values in walls()) {
        let comparison = against(of_pairs(&values, 1.0), of_pairs(&values, 1.0));
        for (id, metric) in ROWS {
            let change = change(&comparison, id, metric);
            prop_assert_eq!(change.verdict, Difference::NoDifference);
            prop_assert_eq!(change.ratio, Some(1.0));
        }
    }

    /// Worse figures never make a verdict better.
    #[test]
    fn slower_is_never_better(old in walls(), new in walls(), by in 1.0..3.0_f64) {
        let place = |verdict| match verdict {
            Difference::Improved => 0,
            Difference::NoDifference | Difference::Inconclusive => 1,
            _ => 2,
        };
        let slower: Vec<(f64, f64)> = new.iter().map(|(a, b)| (*a, b * by)).collect();
        let before = against(of_pairs(&old, 1.0), of_pairs(&new, 1.0));
        let after = against(of_pairs(&old, 1.0), of_pairs(&slower, 1.0));
        for metric in ["wall", "peak_rss"] {
            let (before, after) = (change(&before, "b", metric), change(&after, "b", metric));
            prop_assert!(place(before.verdict) <= place(after.verdict), "{before:?} {after:?}");
        }
    }
}
