//! Targets on the floor.

use plimsoll_workload::Unit;

use super::words;
use crate::evidence::testing::{MIB, trial};
use crate::evidence::{Outcome, Role, Trial};
use crate::plan::Plan;
use crate::plan::testing::{at_least, at_most, at_most_baseline, plan};
use crate::report::Verdict;
use crate::scenario::Target;

/// Two measured trials of a variant whose peak is 100 MiB, and trials under these caps, of which
/// those from `enough` on complete.
fn searched(variant: &str, enough: u64, caps: &[u64]) -> Vec<Trial> {
    let measured = (0..2).map(|n| trial(variant, n).round(n).cap(1024 * MIB, "cgroup-v1"));
    let capped = (2..).zip(caps).map(|(number, cap)| {
        let made = trial(variant, number)
            .under(*cap, "cgroup-v1")
            .role(Role::Floor);
        match *cap >= enough {
            true => made,
            false => made.ended(Outcome::OutOfMemory, "killed by the kernel"),
        }
    });
    measured.chain(capped).map(|made| made.build()).collect()
}

/// `b` fails at 63 MiB and passes at 64 MiB, three times.
fn bracketed() -> Vec<Trial> {
    searched("b", 64 * MIB, &[64, 63, 64, 64].map(|cap| cap * MIB))
}

fn on_floor(target: Target) -> Plan {
    let mut plan = plan(&["a", "b"]).with(target);
    for variant in &mut plan.variants {
        variant.floor = true;
    }
    plan
}

fn mib(value: f64) -> f64 {
    value * MIB as f64
}

#[test]
fn an_interval_decides_what_lies_outside_of_it() {
    let most = |value| on_floor(at_most("b", "floor", mib(value), Unit::Bytes));
    let (verdict, evidence, _) = words(&most(64.0), &bracketed());
    assert_eq!(verdict, Verdict::Pass);
    assert_eq!(
        evidence,
        "out-of-memory at 63 MiB, passes at 64 MiB (3 of 3)"
    );
    assert_eq!(words(&most(63.0), &bracketed()).0, Verdict::Fail);
    let (verdict, _, reason) = words(&most(63.5), &bracketed());
    assert_eq!(verdict, Verdict::Inconclusive);
    assert_eq!(
        reason, "the search was cut short",
        "it would try 63.5 MiB next"
    );

    let least = |value| on_floor(at_least("b", "floor", mib(value), Unit::Bytes));
    assert_eq!(words(&least(63.0), &bracketed()).0, Verdict::Pass);
    assert_eq!(words(&least(65.0), &bracketed()).0, Verdict::Fail);
    assert_eq!(words(&least(63.5), &bracketed()).0, Verdict::Inconclusive);
}

#[test]
fn an_edge_that_was_not_repeated_is_no_pass() {
    let plan = on_floor(at_most("b", "floor", mib(64.0), Unit::Bytes));
    let trials = searched("b", 64 * MIB, &[64 * MIB, 63 * MIB]);
    let (verdict, evidence, reason) = words(&plan, &trials);
    assert_eq!(verdict, Verdict::Inconclusive);
    assert!(evidence.ends_with("(1 of 3)"), "{evidence}");
    assert_eq!(reason, "the search was cut short");
    // What fails is a failure however often.
    let plan = on_floor(at_most("b", "floor", mib(60.0), Unit::Bytes));
    assert_eq!(words(&plan, &trials).0, Verdict::Fail);
}

#[test]
fn without_a_search_there_is_no_verdict() {
    let plan = on_floor(at_most("b", "floor", mib(64.0), Unit::Bytes));
    let (verdict, _, reason) = words(&plan, &searched("b", 0, &[]));
    assert_eq!(
        (verdict, reason.as_str()),
        (Verdict::Absent, "no cap was tried")
    );
    let failed = trial("b", 0)
        .round(0)
        .ended(Outcome::Failed, "exit status 1");
    let (verdict, _, reason) = words(&plan, &[failed.build()]);
    assert_eq!(verdict, Verdict::Absent);
    assert!(reason.contains("exit status 1"), "{reason}");
}

#[test]
fn floors_are_held_against_each_other_with_both_intervals() {
    let base = searched("a", 128 * MIB, &[128, 126, 128, 128].map(|cap| cap * MIB));
    let both: Vec<Trial> = base.into_iter().chain(bracketed()).collect();
    let (verdict, evidence, _) = words(&on_floor(at_most_baseline("b", "floor", 0.51)), &both);
    assert_eq!(verdict, Verdict::Pass, "64 of 126 at least");
    assert!(
        evidence.contains("the baseline's out-of-memory at 126 MiB"),
        "{evidence}"
    );
    let at = |factor| words(&on_floor(at_most_baseline("b", "floor", factor)), &both).0;
    assert_eq!(at(0.49), Verdict::Fail, "63 of 128 at most");
    assert_eq!(at(0.5), Verdict::Inconclusive);
}

#[test]
fn trials_in_search_of_a_floor_say_nothing_else() {
    // Wrong under a small cap, which the identity of the outputs does not see.
    let mut trials = bracketed();
    for trial in &mut trials {
        let spoilt = trial.head.number == 4;
        let value = if spoilt { "x:2" } else { "x:1" };
        let identity = crate::evidence::Identity {
            value: value.to_owned(),
            kept: None,
        };
        trial.digests.insert("out".to_owned(), identity);
    }
    let values = [("out".to_owned(), serde_json::json!("x:1"))].into();
    let known = crate::scenario::Expectation::Equals { values };
    let plan = on_floor(crate::plan::testing::target(&["b"], known));
    assert_eq!(words(&plan, &trials).0, Verdict::Pass);
}
