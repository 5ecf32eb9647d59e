//! Expected outcomes, under a cap or without.

use super::case::Case;
use super::finding::Finding;
use crate::analyze::{cap_trouble, endings, told};
use crate::evidence::{Outcome, Trial};
use crate::report::format::counted;

/// Judges that every trial of a variant ended as expected: those under the target's cap, or the
/// measured clock trials and any whose output did not verify. Trials that the user interrupted say nothing.
pub(super) fn judge(case: &Case<'_>, variant: &str, expected: Outcome) -> Finding {
    let trials = match case.target.under {
        Some(cap) => match case.enforced(variant, cap) {
            Ok(trials) => trials,
            Err(why) => return Finding::absent(why),
        },
        None => endings(case.trials, variant)
            .into_iter()
            .filter(|trial| trial.head.outcome != Outcome::Interrupted)
            .collect(),
    };
    let Some(first) = trials.first() else {
        return Finding::absent(format!("{variant} was not run"));
    };
    let by_memory = |trial: &&&Trial| {
        expected == Outcome::OutOfMemory || trial.head.outcome == Outcome::OutOfMemory
    };
    if let Some(trouble) = trials.iter().filter(by_memory).find_map(|t| cap_trouble(t)) {
        return Finding::absent(trouble);
    }
    match trials.iter().find(|trial| trial.head.outcome != expected) {
        Some(odd) => Finding::held(false, format!("trial {}: {}", odd.head.number, told(odd))),
        None => Finding::held(
            true,
            format!("{} ({})", told(first), counted(trials.len(), "trial")),
        ),
    }
}
