//! Expected outcomes.

use super::{verdict, words};
use crate::evidence::testing::{MIB, trial};
use crate::evidence::{Outcome, Role};
use crate::plan::testing::{ends, plan};
use crate::report::Verdict;

const CAP: u64 = 100 * MIB;

#[test]
fn running_out_of_memory_under_a_cap_can_be_expected() {
    let plan = plan(&["a"]).with(ends("a", Outcome::OutOfMemory, Some(CAP)));
    let free = trial("a", 0).build();
    let killed = |kind| {
        let trial = trial("a", 1).under(CAP, kind);
        trial
            .ended(Outcome::OutOfMemory, "killed at 100 MiB")
            .build()
    };
    let (pass, evidence, _) = words(&plan, &[free.clone(), killed("cgroup-v1")]);
    assert_eq!(pass, Verdict::Pass);
    assert_eq!(evidence, "out-of-memory: killed at 100 MiB (1 trial)");

    let survived = trial("a", 1).under(CAP, "cgroup-v2").build();
    let (fail, evidence, _) = words(&plan, &[free.clone(), survived]);
    assert_eq!(
        (fail, evidence.as_str()),
        (Verdict::Fail, "trial 1: completed")
    );

    let (absent, _, reason) = words(&plan, &[free.clone(), killed("sampled")]);
    assert_eq!(absent, Verdict::Absent);
    assert!(reason.contains("sampling"), "{reason}");

    assert_eq!(verdict(&plan, &[free]).verdict, Verdict::Absent);
}

#[test]
fn another_cap_is_another_question() {
    let plan = plan(&["a"]).with(ends("a", Outcome::Completed, Some(CAP)));
    let other = trial("a", 1).under(2 * CAP, "cgroup-v1").build();
    let (absent, _, reason) = words(&plan, &[other]);
    assert_eq!(
        (absent, reason.as_str()),
        (Verdict::Absent, "a was not run under 100 MiB")
    );
}

#[test]
fn every_measured_trial_must_end_so() {
    let plan = plan(&["a"]).with(ends("a", Outcome::TimedOut, None));
    let timed_out = |number| {
        trial("a", number)
            .ended(Outcome::TimedOut, "after 1 s")
            .build()
    };
    assert_eq!(
        verdict(&plan, &[timed_out(0), timed_out(1)]).verdict,
        Verdict::Pass
    );
    let mixed = [timed_out(0), trial("a", 1).build()];
    assert_eq!(verdict(&plan, &mixed).verdict, Verdict::Fail);
    let warm_up = trial("a", 0).role(Role::Warmup);
    let warm_up = warm_up.ended(Outcome::TimedOut, "after 1 s").build();
    assert_eq!(verdict(&plan, &[warm_up]).verdict, Verdict::Pass);
    let interrupted = trial("a", 0)
        .ended(Outcome::Interrupted, "by the user")
        .build();
    assert_eq!(verdict(&plan, &[interrupted]).verdict, Verdict::Absent);
}
