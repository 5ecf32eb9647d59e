//! Bounds on metrics, absolute and relative.

use plimsoll_workload::Unit;
use proptest::prelude::*;

use super::{against_one, rounds, verdict, words};
use crate::evidence::testing::{MIB, trial};
use crate::evidence::{Aggregate, HeapCounts, Outcome, Role, Trial};
use crate::plan::testing::{at_least, at_most, at_most_baseline, bounds, plan};
use crate::report::Verdict;
use crate::scenario::{Bound, Expectation};

fn peaks(peaks: &[u64]) -> Vec<Trial> {
    let make = |(number, peak): (u32, &u64)| trial("a", number).round(number).peak(*peak).build();
    (0..).zip(peaks).map(make).collect()
}

fn peak_at_most(mib: u64) -> crate::plan::Plan {
    plan(&["a"]).with(at_most("a", "peak_rss", (mib * MIB) as f64, Unit::Bytes))
}

#[test]
fn the_worst_peak_binds() {
    let trials = peaks(&[30 * MIB, 48 * MIB, 31 * MIB]);
    let pass = (
        Verdict::Pass,
        "48 MiB (worst of 3)".to_owned(),
        String::new(),
    );
    assert_eq!(words(&peak_at_most(48), &trials), pass);
    assert_eq!(verdict(&peak_at_most(47), &trials).verdict, Verdict::Fail);
    assert_eq!(
        verdict(&peak_at_most(48), &trials).bound,
        Some(48.0 * MIB as f64)
    );
    let one = words(&peak_at_most(48), &trials[..1]);
    assert_eq!(one.1, "30 MiB (1 run)");
}

#[test]
fn the_lowest_binds_a_lower_bound() {
    let reported = |number, value| {
        trial("a", number)
            .reports("recall", Unit::Share, value)
            .build()
    };
    let trials = [reported(0, 0.99), reported(1, 0.95)];
    let recall = |bound| plan(&["a"]).with(at_least("a", "recall", bound, Unit::Count));
    assert_eq!(verdict(&recall(0.95), &trials).verdict, Verdict::Pass);
    assert_eq!(verdict(&recall(0.96), &trials).verdict, Verdict::Fail);
}

#[test]
fn both_sides_bind() {
    let bound = |mib| {
        Some(Bound::Absolute {
            value: (mib * MIB) as f64,
            unit: Unit::Bytes,
        })
    };
    let between = |low, high| plan(&["a"]).with(bounds("a", "peak_rss", bound(high), bound(low)));
    let trials = peaks(&[30 * MIB, 40 * MIB]);
    assert_eq!(verdict(&between(30, 40), &trials).verdict, Verdict::Pass);
    assert_eq!(verdict(&between(31, 40), &trials).verdict, Verdict::Fail);
    assert_eq!(verdict(&between(30, 39), &trials).verdict, Verdict::Fail);
}

#[test]
fn the_largest_of_several_processes_is_no_peak_of_all() {
    let several = [trial("a", 0).processes(2).build()];
    let (verdict, _, reason) = words(&peak_at_most(500), &several);
    assert_eq!(verdict, Verdict::Inconclusive);
    assert!(reason.contains("peak_rss_tree"), "{reason}");
}

#[test]
fn nor_is_the_baselines() {
    let trials = [trial("a", 0).processes(3).build(), trial("b", 1).build()];
    let half = plan(&["a", "b"]).with(at_most_baseline("b", "peak_rss", 2.0));
    let (verdict, _, reason) = words(&half, &trials);
    assert_eq!(verdict, Verdict::Inconclusive);
    assert!(
        reason.starts_with("of the baseline: several processes"),
        "{reason}"
    );
}

#[test]
fn below_the_floor_only_what_is_certain_is_said() {
    let small = [trial("a", 0).peak(3 * MIB).floor(3 * MIB).build()];
    assert_eq!(verdict(&peak_at_most(3), &small).verdict, Verdict::Pass);
    let (undecided, _, reason) = words(&peak_at_most(2), &small);
    assert_eq!(undecided, Verdict::Inconclusive);
    assert!(reason.contains("fork server"), "{reason}");
    let least = plan(&["a"]).with(at_least("a", "peak_rss", MIB as f64, Unit::Bytes));
    assert_eq!(verdict(&least, &small).verdict, Verdict::Inconclusive);
}

#[test]
fn samples_can_break_an_upper_bound_and_say_so_where_they_do_not() {
    let trials = [trial("a", 0).processes(2).peak(10 * MIB).build()];
    let tree = |mib: u64| {
        plan(&["a"]).with(at_most(
            "a",
            "peak_rss_tree",
            (mib * MIB) as f64,
            Unit::Bytes,
        ))
    };
    assert_eq!(verdict(&tree(80), &trials).verdict, Verdict::Fail);
    let (pass, evidence, _) = words(&tree(90), &trials);
    assert_eq!(pass, Verdict::Pass);
    assert_eq!(evidence, "90 MiB (1 run), sampled: at least this much");
    let least = plan(&["a"]).with(at_least(
        "a",
        "peak_rss_tree",
        95.0 * MIB as f64,
        Unit::Bytes,
    ));
    assert_eq!(verdict(&least, &trials).verdict, Verdict::Inconclusive);
}

#[test]
fn counts_within_their_error_of_the_bound_do_not_decide() {
    let counts = HeapCounts {
        peak: 1000,
        error: 10,
        ..HeapCounts::default()
    };
    let trials = [trial("a", 0).build(), trial("a", 1).heap(counts).build()];
    let heap = |bound| plan(&["a"]).with(at_most("a", "heap_peak", bound, Unit::Bytes));
    assert_eq!(verdict(&heap(1010.0), &trials).verdict, Verdict::Pass);
    assert_eq!(
        verdict(&heap(1005.0), &trials).verdict,
        Verdict::Inconclusive
    );
    assert_eq!(verdict(&heap(989.0), &trials).verdict, Verdict::Fail);
}

#[test]
fn what_did_not_complete_has_no_metrics() {
    let mut trials = peaks(&[MIB, MIB]);
    trials.push(
        trial("a", 2)
            .ended(Outcome::OutOfMemory, "killed at 100 MiB")
            .build(),
    );
    let (verdict, _, reason) = words(&peak_at_most(48), &trials);
    assert_eq!(verdict, Verdict::Absent);
    assert_eq!(reason, "a ended out-of-memory: killed at 100 MiB");
}

#[test]
fn units_must_agree() {
    let trials = peaks(&[MIB]);
    let seconds = plan(&["a"]).with(at_most("a", "peak_rss", 5.0, Unit::Seconds));
    let (verdict, _, reason) = words(&seconds, &trials);
    assert_eq!(verdict, Verdict::Absent);
    assert_eq!(reason, "the bound is in s and the metric in bytes");
}

#[test]
fn elapsed_times_are_judged_by_their_interval() {
    let trials = rounds(&[
        (1.0, 1.0),
        (1.1, 1.0),
        (1.2, 1.0),
        (1.3, 1.0),
        (1.4, 1.0),
        (1.5, 1.0),
    ]);
    let wall = |bound| {
        let six = plan(&["a", "b"]).runs(6, 6);
        six.with(at_most("a", "wall", bound, Unit::Seconds))
    };
    let (pass, evidence, _) = words(&wall(1.5), &trials);
    assert_eq!(pass, Verdict::Pass);
    assert_eq!(evidence, "1.25 s (1.00 s to 1.50 s, median of 6)");
    assert_eq!(verdict(&wall(0.99), &trials).verdict, Verdict::Fail);
    let (open, _, reason) = words(&wall(1.4), &trials);
    assert_eq!(open, Verdict::Inconclusive);
    assert_eq!(
        reason,
        "the interval straddles the bound; about 11 more runs might decide"
    );
}

#[test]
fn an_aggregate_can_be_chosen() {
    let trials = against_one(&[1.0, 1.0, 1.0, 1.0, 1.0, 2.0]);
    let mut plan = plan(&["a", "b"]).with(at_most("b", "wall", 1.5, Unit::Seconds));
    assert_eq!(verdict(&plan, &trials).verdict, Verdict::Inconclusive);
    let Expectation::Metric { aggregate, .. } = &mut plan.targets[0].expectation else {
        panic!("a bound is a target on a metric");
    };
    *aggregate = Some(Aggregate::Worst);
    let (fail, evidence, _) = words(&plan, &trials);
    assert_eq!(
        (fail, evidence.as_str()),
        (Verdict::Fail, "2.00 s (worst of 6)")
    );
}

#[test]
fn ratios_are_judged_by_their_interval() {
    let trials = against_one(&[0.07, 0.072, 0.071, 0.075, 0.074, 0.073]);
    let wall = |factor| {
        let six = plan(&["a", "b"]).runs(6, 6);
        six.with(at_most_baseline("b", "wall", factor))
    };
    let (pass, evidence, _) = words(&wall(0.10), &trials);
    assert_eq!(pass, Verdict::Pass);
    assert_eq!(evidence, "0.072 x (0.070 to 0.075, 6 pairs)");
    assert_eq!(verdict(&wall(0.069), &trials).verdict, Verdict::Fail);
    assert_eq!(
        verdict(&wall(0.073), &trials).verdict,
        Verdict::Inconclusive
    );
}

#[test]
fn few_pairs_decide_where_they_agree_closely() {
    let wall = plan(&["a", "b"]).with(at_most_baseline("b", "wall", 0.10));
    let close = against_one(&[0.07, 0.072, 0.071]);
    assert_eq!(verdict(&wall, &close).verdict, Verdict::Pass);
    let apart = against_one(&[0.05, 0.071, 0.09]);
    let (open, evidence, reason) = words(&wall, &apart);
    assert_eq!(open, Verdict::Inconclusive);
    assert_eq!(evidence, "0.071 x (3 pairs, all 0.050 to 0.090)");
    assert_eq!(
        reason,
        "3 pairs are too few: at least 6 are needed, because they differ too much"
    );
    let outside = against_one(&[0.2, 0.21, 0.2]);
    assert_eq!(verdict(&wall, &outside).verdict, Verdict::Fail);
    let (one, _, reason) = words(&wall, &close[..2]);
    assert_eq!(one, Verdict::Inconclusive);
    assert_eq!(
        reason,
        "1 pair is too few: at least 3 are needed, 6 unless they agree closely"
    );
}

#[test]
fn six_pairs_of_a_longer_session_decide_only_where_the_baseline_agrees_with_itself() {
    let wall = plan(&["a", "b"]).with(at_most_baseline("b", "wall", 1.1));
    let control = |round, wall| {
        let control = trial("a", 100 + round).round(round).wall(wall);
        control.role(Role::Control).build()
    };
    let mut trials = against_one(&[1.5, 1.51, 1.5, 1.52, 1.5, 1.51]);
    trials.extend([control(1, 1.01), control(3, 0.99), control(5, 1.02)]);
    let (fail, evidence, _) = words(&wall, &trials);
    assert_eq!(fail, Verdict::Fail);
    assert_eq!(evidence, "1.50 x (6 pairs, all 1.50 to 1.52)");
    // A slow second half of every round looks the same, in one session of 64.
    let mut trials = against_one(&[1.5, 1.51, 1.5, 1.52, 1.5, 1.51]);
    trials.extend([control(1, 1.5), control(3, 0.67), control(5, 1.01)]);
    let (open, _, reason) = words(&wall, &trials);
    assert_eq!(open, Verdict::Inconclusive);
    assert_eq!(
        reason,
        "it clears the bound by 37 % in 6 pairs, too few when one of 3 A/A pairs differed by 50 %"
    );
}

#[test]
fn a_program_that_differs_from_itself_by_more_decides_nothing() {
    let mut trials = against_one(&[1.1, 1.11, 1.1, 1.12, 1.1, 1.11]);
    let wall = plan(&["a", "b"]).with(at_most_baseline("b", "wall", 1.2));
    assert_eq!(verdict(&wall, &trials).verdict, Verdict::Pass);
    for round in 0..6 {
        let control = trial("a", 100 + round).round(round).wall(1.15);
        trials.push(control.role(Role::Control).build());
    }
    let (open, _, reason) = words(&wall, &trials);
    assert_eq!(open, Verdict::Inconclusive);
    assert_eq!(
        reason,
        "it clears the bound by 8.6 %, but the baseline differed from itself by 15 % (6 A/A pairs); \
         about 12 more pairs might decide"
    );
}

#[test]
fn peaks_relative_to_the_baseline_are_judged_over_every_combination() {
    let trials: Vec<Trial> = [("a", 100), ("b", 40), ("a", 110), ("b", 50)]
        .iter()
        .zip(0..)
        .map(|((id, mib), number)| trial(id, number).round(number / 2).peak(mib * MIB).build())
        .collect();
    let peak = |factor| plan(&["a", "b"]).with(at_most_baseline("b", "peak_rss", factor));
    let (pass, evidence, _) = words(&peak(0.5), &trials);
    assert_eq!(pass, Verdict::Pass);
    assert_eq!(evidence, "0.500 x (50 MiB over 100 MiB)");
    assert_eq!(verdict(&peak(0.45), &trials).verdict, Verdict::Inconclusive);
    assert_eq!(verdict(&peak(0.36), &trials).verdict, Verdict::Fail);
}

#[test]
fn without_a_baseline_that_completed_there_is_no_ratio() {
    let wall = plan(&["a", "b"]).with(at_most_baseline("b", "wall", 0.10));
    let mut trials = against_one(&[0.07; 6]);
    trials.push(
        trial("a", 50)
            .ended(Outcome::TimedOut, "after 20 min")
            .build(),
    );
    let (absent, _, reason) = words(&wall, &trials);
    assert_eq!(absent, Verdict::Absent);
    assert_eq!(reason, "a ended timed-out: after 20 min");
    let itself = plan(&["a", "b"]).with(at_most_baseline("a", "wall", 1.5));
    assert_eq!(
        verdict(&itself, &against_one(&[1.0; 6])).verdict,
        Verdict::Absent
    );
}

#[test]
fn several_variants_are_named_and_the_gravest_counts() {
    let mut target = at_most("b", "peak_rss", 48.0 * MIB as f64, Unit::Bytes);
    target.variants = vec!["a".to_owned(), "b".to_owned()];
    let plan = plan(&["a", "b"]).with(target);
    let trials = [
        trial("a", 0).peak(50 * MIB).build(),
        trial("b", 1).peak(20 * MIB).build(),
    ];
    let (fail, evidence, _) = words(&plan, &trials);
    assert_eq!(fail, Verdict::Fail);
    assert_eq!(
        evidence,
        "Held by b: 20 MiB (1 run). Failed by a: 50 MiB (1 run)"
    );
    let more = [trials[0].clone(), trial("b", 1).peak(60 * MIB).build()];
    let (_, evidence, _) = words(&plan, &more);
    assert_eq!(evidence, "a: 50 MiB (1 run); b: 60 MiB (1 run)");
}

#[test]
fn bounds_under_a_cap_are_judged_over_the_capped_trials() {
    let mut target = at_most("b", "peak_rss", 48.0 * MIB as f64, Unit::Bytes);
    target.under = Some(100 * MIB);
    let plan = plan(&["a", "b"]).with(target);
    let free = trial("b", 0).peak(900 * MIB).build();
    let capped = |kind: &str| trial("b", 1).peak(40 * MIB).under(100 * MIB, kind).build();
    assert_eq!(
        verdict(&plan, &[free.clone(), capped("cgroup-v1")]).verdict,
        Verdict::Pass
    );
    let sampled = words(&plan, &[free.clone(), capped("sampled")]);
    assert_eq!(sampled.0, Verdict::Absent);
    let (absent, _, reason) = words(&plan, &[free]);
    assert_eq!(
        (absent, reason.as_str()),
        (Verdict::Absent, "b was not run under 100 MiB")
    );
}

#[test]
fn one_run_under_a_cap_is_no_median() {
    let mut target = at_most("b", "wall", 2.0, Unit::Seconds);
    target.under = Some(100 * MIB);
    let mut plan = plan(&["a", "b"]).with(target);
    let capped = [trial("b", 0).under(100 * MIB, "cgroup-v1").build()];
    let (open, _, reason) = words(&plan, &capped);
    assert_eq!(open, Verdict::Inconclusive);
    assert!(reason.contains("`aggregate: worst`"), "{reason}");
    if let Expectation::Metric { aggregate, .. } = &mut plan.targets[0].expectation {
        *aggregate = Some(Aggregate::Worst);
    }
    assert_eq!(verdict(&plan, &capped).verdict, Verdict::Pass);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    /// Loosening a bound never makes a verdict worse.
    #[test]
    fn verdicts_are_monotone_in_the_bound(
        walls in prop::collection::vec((0.5..2.0_f64, 0.5..2.0_f64), 1..16),
        factors in prop::collection::vec(0.2..4.0_f64, 2..6),
        metric in prop::sample::select(vec!["wall", "peak_rss"]),
        absolute in any::<bool>(),
    ) {
        let mut trials = rounds(&walls);
        for trial in &mut trials {
            let wall = trial.steps[0].wall;
            trial.steps[0].usage.max_rss = (wall * 1e8) as u64;
        }
        let rank = |factor: &f64| {
            let target = match (absolute, metric) {
                (true, "wall") => at_most("b", metric, *factor, Unit::Seconds),
                (true, _) => at_most("b", metric, factor * 1e8, Unit::Bytes),
                (false, _) => at_most_baseline("b", metric, *factor),
            };
            match verdict(&plan(&["a", "b"]).with(target), &trials).verdict {
                Verdict::Fail => 0,
                Verdict::Inconclusive => 1,
                Verdict::Pass => 2,
                Verdict::Absent => 3,
            }
        };
        let mut factors = factors;
        factors.sort_by(f64::total_cmp);
        let ranks: Vec<i32> = factors.iter().map(rank).collect();
        prop_assert!(!ranks.contains(&3));
        prop_assert!(ranks.is_sorted(), "{factors:?} gave {ranks:?}");
    }
}
