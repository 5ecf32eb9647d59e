//! What verdicts amount to.

use super::verdict;
use crate::analyze::Analysis;
use crate::evidence::testing::trial;
use crate::evidence::{Outcome, Trial};
use crate::judge::ExitCode;
use crate::plan::Plan;
use crate::plan::testing::{ends, plan};
use crate::report::{Verdict, VerdictReport};

fn of(verdicts: &[Verdict], interrupted: bool, strict: bool) -> ExitCode {
    let plan = plan(&["a"]).with(ends("a", Outcome::Completed, None));
    let trials = [trial("a", 0).build()];
    let like = verdict(&plan, &trials);
    let verdicts: Vec<VerdictReport> = verdicts
        .iter()
        .map(|verdict| VerdictReport {
            verdict: *verdict,
            ..like.clone()
        })
        .collect();
    ExitCode::of(
        &plan,
        &Analysis::new(&plan, &trials),
        &verdicts,
        interrupted,
        strict,
    )
}

#[test]
fn what_is_for_information_decides_nothing() {
    let mut target = ends("a", Outcome::Completed, None);
    target.gate = false;
    let plan = plan(&["a"]).with(target);
    let trials = [trial("a", 0).build()];
    let like = verdict(&plan, &trials);
    assert!(!like.gate);
    let analysis = Analysis::new(&plan, &trials);
    for verdict in [Verdict::Fail, Verdict::Absent, Verdict::Inconclusive] {
        let verdicts = [VerdictReport {
            verdict,
            ..like.clone()
        }];
        let code = ExitCode::of(&plan, &analysis, &verdicts, false, true);
        assert_eq!(code, ExitCode::Held);
    }
}

#[test]
fn an_outcome_that_is_expected_for_information_is_not_expected() {
    let killed = [trial("a", 0)
        .ended(Outcome::OutOfMemory, "killed at 100 MiB")
        .cap(100 << 20, "cgroup-v2")
        .build()];
    for (gate, code) in [(true, ExitCode::Held), (false, ExitCode::NotMeasured)] {
        let mut target = ends("a", Outcome::OutOfMemory, None);
        target.gate = gate;
        let plan = plan(&["a"]).with(target);
        let analysis = Analysis::new(&plan, &killed);
        let verdicts = crate::judge::judge(&plan, &analysis, &killed);
        assert_eq!(verdicts[0].verdict, Verdict::Pass);
        let of = ExitCode::of(&plan, &analysis, &verdicts, false, false);
        assert_eq!(of, code, "gate: {gate}");
    }
}

#[test]
fn the_first_that_applies_is_taken() {
    use Verdict::{Absent, Fail, Inconclusive, Pass};
    assert_eq!(of(&[], false, true).code(), 0);
    assert_eq!(of(&[Pass], false, true).code(), 0);
    assert_eq!(of(&[Pass, Inconclusive], false, false).code(), 0);
    assert_eq!(of(&[Pass, Inconclusive], false, true).code(), 4);
    assert_eq!(of(&[Inconclusive, Absent], false, true).code(), 3);
    assert_eq!(of(&[Absent, Fail, Inconclusive], false, true).code(), 1);
    assert_eq!(of(&[Absent, Fail, Inconclusive], true, true).code(), 130);
    let all = ExitCode::ORDER;
    assert_eq!(ExitCode::worst(all.into_iter().rev()), ExitCode::Usage);
    assert_eq!(ExitCode::worst(all.into_iter().skip(2)), ExitCode::Failed);
    assert_eq!(ExitCode::worst([]), ExitCode::Held);
}

#[test]
fn an_outcome_that_nobody_expects_was_not_measured() {
    let crashed = [trial("a", 0).ended(Outcome::Crashed, "signal 11").build()];
    let code = |plan: &Plan, trials: &[Trial]| {
        let analysis = Analysis::new(plan, trials);
        let verdicts = crate::judge::judge(plan, &analysis, trials);
        ExitCode::of(plan, &analysis, &verdicts, false, false)
    };
    assert_eq!(code(&plan(&["a"]), &crashed), ExitCode::NotMeasured);
    let expected = plan(&["a"]).with(ends("a", Outcome::Crashed, None));
    assert_eq!(code(&expected, &crashed), ExitCode::Held);
    let other = plan(&["a"]).with(ends("a", Outcome::Stalled, None));
    assert_eq!(code(&other, &crashed), ExitCode::Failed);
}
