//! Targets on sweeps, over trials with a known growth and a known frontier.

use plimsoll_workload::Unit;

use super::words;
use crate::evidence::testing::trial;
use crate::evidence::{Outcome, Trial};
use crate::plan::Plan;
use crate::plan::testing::{plan, target};
use crate::random::Random;
use crate::report::Verdict;
use crate::scenario::{Bound, Expectation, Place, Target};

const SIZES: [f64; 8] = [100.0, 200.0, 400.0, 800.0, 1600.0, 3200.0, 6400.0, 12800.0];

/// Three runs of `a` and of `b` at each size: `a` takes a millisecond a unit, `b` grows as n^1.5.
fn grown() -> Vec<Trial> {
    let mut noise = Random::new(17);
    let mut trials = Vec::new();
    for block in 0..3 {
        for n in SIZES {
            for (variant, wall) in [("a", 1e-3 * n), ("b", 1e-5 * n.powf(1.5))] {
                let wall = wall * (0.01 * noise.normal()).exp();
                let made = trial(variant, trials.len() as u32).swept("n", n, block);
                trials.push(made.wall(wall).peak(64 << 20).build());
            }
        }
    }
    trials
}

fn over_sizes() -> Plan {
    plan(&["a", "b"]).swept("n", &SIZES, None)
}

fn exponent(variant: &str, metric: &str, at_most: f64) -> Target {
    let expectation = Expectation::Growth {
        metric: metric.to_owned(),
        parameter: "n".to_owned(),
        at_most: Some(at_most),
        at_least: None,
    };
    target(&[variant], expectation)
}

fn at_size(variant: &str, metric: &str, value: f64, at_most: Bound) -> Target {
    let place = Place::Size {
        parameter: "n".to_owned(),
        value,
    };
    let expectation = Expectation::At {
        metric: metric.to_owned(),
        place,
        at_most: Some(at_most),
        at_least: None,
    };
    target(&[variant], expectation)
}

fn seconds(value: f64) -> Bound {
    let unit = Unit::Seconds;
    Bound::Absolute { value, unit }
}

#[test]
fn an_exponent_is_judged_by_its_interval() {
    let trials = grown();
    let judged = |variant, at_most| {
        words(
            &over_sizes().with(exponent(variant, "wall", at_most)),
            &trials,
        )
    };
    assert_eq!(judged("b", 1.6).0, Verdict::Pass);
    assert_eq!(judged("b", 1.4).0, Verdict::Fail);
    let (verdict, evidence, reason) = judged("b", 1.5);
    assert_eq!(verdict, Verdict::Inconclusive);
    assert!(evidence.starts_with("1.50 (1.4"), "{evidence}");
    assert!(
        evidence.ends_with("8 sizes from 100 to 12,800"),
        "{evidence}"
    );
    assert!(reason.contains("straddles"), "{reason}");
    assert_eq!(judged("a", 1.1).0, Verdict::Pass);
}

#[test]
fn what_does_not_grow_passes_any_bound_on_its_exponent() {
    let plan = over_sizes().with(exponent("b", "peak_rss", 0.1));
    assert_eq!(words(&plan, &grown()).0, Verdict::Pass);
}

#[test]
fn a_size_that_was_not_run_is_followed_to() {
    let trials = grown();
    let judged = |bound| {
        words(
            &over_sizes().with(at_size("b", "wall", 1e5, bound)),
            &trials,
        )
    };
    // The truth is 316 s.
    let (verdict, evidence, _) = judged(seconds(400.0));
    assert_eq!(verdict, Verdict::Pass, "{evidence}");
    assert!(evidence.contains("followed 7.8 times beyond"), "{evidence}");
    assert_eq!(judged(seconds(250.0)).0, Verdict::Fail);
    assert_eq!(judged(seconds(316.0)).0, Verdict::Inconclusive);
    // 3.16 times what `a` comes to there.
    let (verdict, evidence, _) = judged(Bound::Baseline(4.0));
    assert_eq!(verdict, Verdict::Pass, "{evidence}");
    assert!(evidence.starts_with("3.1"), "{evidence}");
    assert_eq!(judged(Bound::Baseline(2.5)).0, Verdict::Fail);
}

#[test]
fn a_growth_of_too_few_sizes_is_absent_and_says_which_failed() {
    let mut trials = grown();
    trials.retain(|trial| {
        trial
            .head
            .point
            .as_ref()
            .is_some_and(|point| point.value <= 400.0)
    });
    let number = trials.len() as u32;
    let failed = trial("b", number).swept("n", 800.0, 0);
    trials.push(
        failed
            .ended(Outcome::TimedOut, "stopped at limits.wall")
            .build(),
    );
    let plan = over_sizes().with(exponent("b", "wall", 2.0));
    let (verdict, _, reason) = words(&plan, &trials);
    assert_eq!(verdict, Verdict::Absent);
    assert!(
        reason.contains("3 of at least 4 sizes are known; at 800: b ended timed-out"),
        "{reason}"
    );
}

#[test]
fn what_was_not_swept_is_absent() {
    let plan = over_sizes().with(exponent("b", "wall", 2.0));
    let (verdict, _, reason) = words(&plan, &[trial("b", 0).build()]);
    assert_eq!(
        (verdict, reason.as_str()),
        (Verdict::Absent, "n was not swept")
    );
}

#[test]
fn the_largest_of_several_processes_does_not_decide_a_growth() {
    let mut trials = grown();
    for trial in &mut trials {
        for sample in &mut trial.steps[0].timeline.samples {
            sample.processes = 2;
        }
    }
    let plan = over_sizes().with(exponent("b", "peak_rss", 0.1));
    assert_eq!(words(&plan, &trials).0, Verdict::Inconclusive);
}

/// Six rounds of a sweep over `ef`: at each recall `b` answers twice as many queries as `a`, but it
/// gets there with another `ef`.
fn frontier() -> Vec<Trial> {
    let mut trials = Vec::new();
    let points = [
        ("a", 8.0, 0.90, 1000.0),
        ("a", 16.0, 0.98, 250.0),
        ("b", 8.0, 0.94, 1000.0),
        ("b", 16.0, 0.96, 707.106_781),
    ];
    for block in 0..6 {
        // The machine gets slower all the time, for both alike.
        let drift = 1.0 - 0.02 * f64::from(block);
        for (variant, ef, recall, qps) in points {
            let made = trial(variant, trials.len() as u32).swept("ef", ef, block);
            let made = made.reports("recall", Unit::Share, recall);
            trials.push(made.reports("qps", Unit::PerSecond, qps * drift).build());
        }
    }
    trials
}

fn at_recall(value: f64, at_least: Bound) -> Plan {
    let place = Place::Quality {
        parameter: "ef".to_owned(),
        metric: "recall".to_owned(),
        value,
    };
    let expectation = Expectation::At {
        metric: "qps".to_owned(),
        place,
        at_most: None,
        at_least: Some(at_least),
    };
    let plan = plan(&["a", "b"]).swept("ef", &[8.0, 16.0], Some("recall"));
    plan.with(target(&["b"], expectation))
}

#[test]
fn variants_are_compared_where_their_quality_is_the_same() {
    // At recall 0.94 the baseline lies half way between 1000 and 250 on a logarithmic scale: 500.
    let judged = |recall, factor| words(&at_recall(recall, Bound::Baseline(factor)), &frontier());
    let (verdict, evidence, _) = judged(0.94, 1.5);
    assert_eq!(verdict, Verdict::Pass, "{evidence}");
    assert!(evidence.starts_with("2.00 x"), "{evidence}");
    assert!(evidence.contains("at ef 8"), "{evidence}");
    let (verdict, evidence, _) = judged(0.95, 1.5);
    assert_eq!(verdict, Verdict::Pass, "{evidence}");
    assert!(evidence.starts_with("2.00 x"), "{evidence}");
    assert!(evidence.contains("between ef 8 and 16"), "{evidence}");
    assert_eq!(judged(0.95, 2.5).0, Verdict::Fail);
}

#[test]
fn a_quality_that_was_not_reached_is_absent() {
    let bound = Bound::Absolute {
        value: 100.0,
        unit: Unit::PerSecond,
    };
    let (verdict, _, reason) = words(&at_recall(0.97, bound), &frontier());
    assert_eq!(verdict, Verdict::Absent);
    assert!(
        reason.contains("b has no qps at recall 0.97: it lies outside of the frontier"),
        "{reason}"
    );
    let (verdict, evidence, _) = words(&at_recall(0.95, bound), &frontier());
    assert_eq!(verdict, Verdict::Pass, "{evidence}");
}
