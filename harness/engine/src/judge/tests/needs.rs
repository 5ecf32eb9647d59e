//! When more rounds are wanted.

use plimsoll_workload::Unit;

use super::against_one;
use crate::evidence::Outcome;
use crate::evidence::testing::trial;
use crate::judge::needs_more;
use crate::plan::Plan;
use crate::plan::testing::{at_most, at_most_baseline, plan};

fn faster(factor: f64) -> Plan {
    plan(&["a", "b"]).with(at_most_baseline("b", "wall", factor))
}

/// Six clear of 0.10, then whatever.
const CLEAR: [f64; 6] = [0.07, 0.072, 0.071, 0.075, 0.074, 0.073];
const OPEN: [f64; 6] = [0.07, 0.11, 0.08, 0.12, 0.09, 0.10];

#[test]
fn every_variant_gets_its_fewest_runs() {
    let need = needs_more(&faster(0.10), &against_one(&CLEAR[..5]));
    assert!(need.more);
    assert_eq!(need.why, "a has 5 runs of at least 6");
    assert_eq!(need.rounds, 1);
    assert_eq!(need.variants.len(), 2);
}

#[test]
fn what_is_decided_needs_no_more() {
    let need = needs_more(&faster(0.10), &against_one(&CLEAR));
    assert!(!need.more, "{}", need.why);
    let exact = plan(&["a", "b"]).with(at_most("b", "peak_rss", 1.0, Unit::Bytes));
    assert!(!needs_more(&exact, &against_one(&OPEN)).more);
    assert!(!needs_more(&plan(&["a", "b"]), &against_one(&OPEN)).more);
}

#[test]
fn what_is_open_goes_on_to_the_next_look() {
    let need = needs_more(&faster(0.10), &against_one(&OPEN));
    assert!(need.more);
    assert!(need.why.contains("(next look at 8)"), "{}", need.why);
    assert_eq!(Vec::from_iter(need.variants), ["a", "b"]);
    assert_eq!(need.rounds, 2);
}

#[test]
fn between_looks_the_last_one_stands() {
    let mut walls = OPEN.to_vec();
    walls.extend([0.01; 5]);
    assert!(needs_more(&faster(0.10), &against_one(&walls)).more);
    let mut walls = CLEAR.to_vec();
    walls.push(9.0);
    assert!(!needs_more(&faster(0.10), &against_one(&walls)).more);
}

#[test]
fn the_most_runs_are_the_end() {
    let walls: Vec<f64> = OPEN.iter().copied().cycle().take(20).collect();
    assert!(!needs_more(&faster(0.10), &against_one(&walls)).more);
}

#[test]
fn few_runs_that_agree_are_enough() {
    let few = faster(0.10).runs(3, 12);
    assert!(!needs_more(&few, &against_one(&CLEAR[..3])).more);
    let need = needs_more(&few, &against_one(&OPEN[..3]));
    assert!(need.why.contains("(next look at 6)"), "{}", need.why);
    let alone = plan(&["a", "b"]).runs(1, 12);
    let alone = alone.with(at_most("b", "wall", 0.5, Unit::Seconds));
    assert_eq!(
        Vec::from_iter(needs_more(&alone, &against_one(&[0.1])).variants),
        ["b"]
    );
}

#[test]
fn at_smoke_one_run_is_enough() {
    let mut plan = faster(0.10).runs(1, 1);
    plan.exact_only = true;
    assert!(!needs_more(&plan, &against_one(&OPEN[..1])).more);
}

#[test]
fn what_does_not_complete_is_not_run_again() {
    let plan = faster(0.10);
    let mut trials = against_one(&CLEAR[..1]);
    trials.push(
        trial("b", 2)
            .round(1)
            .ended(Outcome::Crashed, "signal 11")
            .build(),
    );
    let need = needs_more(&plan, &trials);
    assert_eq!(Vec::from_iter(need.variants), ["a"]);
}

#[test]
fn a_ratio_needs_runs_of_the_baseline_too() {
    let mut plan = faster(0.10);
    plan.variants[0].runs.max = 6;
    assert!(!needs_more(&plan, &against_one(&OPEN)).more);
    plan.variants[0].runs.max = 7;
    assert!(needs_more(&plan, &against_one(&OPEN)).more);
}
