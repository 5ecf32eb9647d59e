//! Verdicts over hand-made trials.

mod bounds;
mod decisions;
mod exit_codes;
mod floor;
mod identity;
mod needs;
mod outcomes;
mod sweeps;

use super::judge;
use crate::analyze::Analysis;
use crate::evidence::Trial;
use crate::evidence::testing::trial;
use crate::plan::Plan;
use crate::report::{Verdict, VerdictReport};

/// The verdict on the plan's one target.
fn verdict(plan: &Plan, trials: &[Trial]) -> VerdictReport {
    let analysis = Analysis::new(plan, trials);
    let mut verdicts = judge(plan, &analysis, trials);
    assert_eq!(verdicts.len(), 1);
    verdicts.remove(0)
}

/// The verdict, its evidence and its reason.
fn words(plan: &Plan, trials: &[Trial]) -> (Verdict, String, String) {
    let report = verdict(plan, trials);
    (
        report.verdict,
        report.evidence,
        report.reason.unwrap_or_default(),
    )
}

/// Rounds of `a` and `b`, with these elapsed times.
fn rounds(walls: &[(f64, f64)]) -> Vec<Trial> {
    let mut trials = Vec::new();
    for (round, (a, b)) in (0..).zip(walls) {
        trials.push(trial("a", 2 * round).round(round).wall(*a).build());
        trials.push(trial("b", 2 * round + 1).round(round).wall(*b).build());
    }
    trials
}

/// Rounds in which `a` takes one second and `b` so many.
fn against_one(walls: &[f64]) -> Vec<Trial> {
    let walls: Vec<_> = walls.iter().map(|wall| (1.0, *wall)).collect();
    rounds(&walls)
}
