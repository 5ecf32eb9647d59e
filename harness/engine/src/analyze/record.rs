//! Which trials say something of a variant: those of a role, those of record, the one that ended worst.

use crate::evidence::{Instrument, Outcome, Role, Trial};
use crate::plan::PlannedVariant;

/// A variant's trials of one role, in the order in which they ran.
pub(crate) fn of_role<'a>(trials: &'a [Trial], variant: &str, role: Role) -> Vec<&'a Trial> {
    let mut chosen: Vec<&Trial> = trials
        .iter()
        .filter(|trial| trial.head.variant == variant && trial.head.role == role)
        .collect();
    chosen.sort_by_key(|trial| trial.head.number);
    chosen
}

/// The clock trials that say how a variant ends: the measured ones or, where it did not come to
/// that, the warm-ups that did not complete.
pub(crate) fn of_record<'a>(trials: &'a [Trial], variant: &str) -> Vec<&'a Trial> {
    let mut chosen = of_role(trials, variant, Role::Measured);
    chosen.retain(|trial| trial.head.instrument == Instrument::Clock);
    if chosen.is_empty() {
        chosen = of_role(trials, variant, Role::Warmup);
        chosen.retain(|trial| trial.head.outcome != Outcome::Completed);
    }
    chosen
}

/// The trials that say how a variant ends: those of record, and any other whose output was looked
/// into and did not stand, but for those under a target's own cap.
pub(crate) fn endings<'a>(trials: &'a [Trial], variant: &str) -> Vec<&'a Trial> {
    let mut chosen = of_record(trials, variant);
    let unverified = trials.iter().filter(|trial| {
        let stood = trial.head.verification.is_none_or(|proof| proof.verified);
        trial.head.variant == variant && !trial.head.role.has_own_cap() && !stood
    });
    for trial in unverified {
        if !chosen
            .iter()
            .any(|other| other.head.number == trial.head.number)
        {
            chosen.push(trial);
        }
    }
    chosen
}

/// The first of the trials that ended worst.
pub(crate) fn worst<'a>(trials: &[&'a Trial]) -> Option<&'a Trial> {
    let severity = |trial: &&Trial| match trial.head.outcome {
        // Least of all: it is the user's doing, and says nothing about the variant.
        Outcome::Interrupted => None,
        outcome => Some(outcome),
    };
    trials.iter().copied().rev().max_by_key(severity)
}

/// Whether a trial ran with the variant's full parameters: some instruments have a size of
/// their own, and a sweep's runs the parameters of its points.
pub(crate) fn at_full_parameters(variant: &PlannedVariant, trial: &Trial) -> bool {
    if trial.head.role == Role::Sweep {
        return false;
    }
    let own = match trial.head.instrument {
        Instrument::Clock | Instrument::Count | Instrument::Profile => None,
        Instrument::Dhat => variant.dhat_params.as_ref(),
        Instrument::Instructions => variant.instruction_params.as_ref(),
    };
    own.is_none_or(|params| *params == variant.params)
}
