//! Every target of a plan held against the evidence.

use super::bounds;
use super::case::Case;
use super::decide::Side;
use super::difference::{KeptOutputs, NoOutputs};
use super::finding::{Finding, report};
use super::frontier::{self, Quality};
use super::{equals, expected, floor, growth, identity};
use crate::analyze::Analysis;
use crate::evidence::Trial;
use crate::plan::Plan;
use crate::report::VerdictReport;
use crate::scenario::{Expectation, FLOOR, Place};

/// One verdict per target of the plan, in its order. Outputs that differ are not looked into; see
/// [`judge_with_outputs`].
pub fn judge(plan: &Plan, analysis: &Analysis, trials: &[Trial]) -> Vec<VerdictReport> {
    judge_with_outputs(plan, analysis, trials, &NoOutputs)
}

/// The same, with the first differing record of outputs that were kept.
pub fn judge_with_outputs(
    plan: &Plan,
    analysis: &Analysis,
    trials: &[Trial],
    outputs: &dyn KeptOutputs,
) -> Vec<VerdictReport> {
    let verdict = |target| {
        let case = Case {
            plan,
            analysis,
            trials,
            target,
            outputs,
        };
        report(target, findings(&case))
    };
    plan.targets.iter().map(verdict).collect()
}

/// What the evidence says of a target, variant by variant; identity is one finding for all.
pub(super) fn findings(case: &Case<'_>) -> Vec<(String, Finding)> {
    let each = |judge: &dyn Fn(&str) -> Finding| -> Vec<(String, Finding)> {
        let variants = case.target.variants.iter();
        variants.map(|id| (id.clone(), judge(id))).collect()
    };
    match &case.target.expectation {
        Expectation::Metric {
            metric,
            at_most,
            at_least,
            aggregate,
        } => {
            let bounds = [(Side::AtMost, *at_most), (Side::AtLeast, *at_least)];
            match metric == FLOOR {
                true => each(&|id| floor::judge(case, id, bounds)),
                false => each(&|id| bounds::judge(case, id, metric, bounds, *aggregate)),
            }
        }
        Expectation::At {
            metric,
            place,
            at_most,
            at_least,
        } => {
            let bounds = [(Side::AtMost, *at_most), (Side::AtLeast, *at_least)];
            match place {
                Place::Size { parameter, value } => {
                    each(&|id| growth::at_size(case, id, metric, (parameter, *value), bounds))
                }
                Place::Quality {
                    parameter,
                    metric: quality,
                    value,
                } => {
                    let quality = Quality {
                        parameter,
                        metric: quality,
                        value: *value,
                    };
                    each(&|id| frontier::at_quality(case, id, metric, quality, bounds))
                }
            }
        }
        Expectation::Growth {
            metric,
            parameter,
            at_most,
            at_least,
        } => {
            let bounds = [(Side::AtMost, *at_most), (Side::AtLeast, *at_least)];
            each(&|id| growth::exponent(case, id, metric, parameter, bounds))
        }
        Expectation::Identical { digest } => {
            vec![(String::new(), identity::judge(case, digest.as_deref()))]
        }
        Expectation::Equals { values } => each(&|id| equals::judge(case, id, values)),
        Expectation::Outcome { outcome } => each(&|id| expected::judge(case, id, *outcome)),
    }
}
