//! What is searched for, which trial is next, and what the trials so far amount to.

use super::super::record::of_role;
use super::attempt::{Reference, below_its_cap, cap_trouble};
use super::search::{Known, PAGE, Search, Tried};
use crate::evidence::{Instrument, Outcome, Role, Trial};
use crate::plan::{Plan, PlannedVariant, TrialSpec};
use crate::report::format::bytes;
use crate::report::{Floor, FloorAttempt, FloorEnding};
use crate::scenario::{Bound, Expectation, FLOOR};

/// The next trial of the search for a variant's floor; none where it is not wanted, cannot be
/// found, or is known well enough. `variant` is an index into the plan's.
pub fn next_floor_trial(plan: &Plan, variant: usize, trials: &[Trial]) -> Option<TrialSpec> {
    let planned = plan.variants.get(variant).filter(|planned| planned.floor)?;
    let reference = Reference::of(plan, planned, trials).ok()?;
    let ran = of_search(planned, trials);
    if ran.iter().any(|trial| cap_trouble(trial).is_some()) {
        return None;
    }
    let search = search(plan, planned, &reference);
    let cap = search.next(&tried(&attempts(&reference, &ran)))?;
    Some(TrialSpec {
        variant,
        instrument: Instrument::Clock,
        role: Role::Floor,
        block: None,
        point: None,
        under: Some(cap),
        wall: Some(reference.patience(plan.limits.wall)),
    })
}

/// The floor of a variant as far as these trials tell it; none where it is not wanted.
pub fn floor(plan: &Plan, variant: &PlannedVariant, trials: &[Trial]) -> Option<Floor> {
    if !variant.floor {
        return None;
    }
    let setting = plan.measure.floor;
    let mut floor = Floor {
        fails_at: None,
        passes_at: None,
        confirmed: 0,
        repeats: setting.repeats,
        precision: setting.precision,
        caps: 0,
        uncapped_wall: 0.0,
        compared: String::new(),
        attempts: Vec::new(),
        notes: Vec::new(),
        absent: None,
    };
    let reference = match Reference::of(plan, variant, trials) {
        Ok(reference) => reference,
        Err(why) => {
            floor.absent = Some(why);
            return Some(floor);
        }
    };
    let ran = of_search(variant, trials);
    let attempts = attempts(&reference, &ran);
    let tried = tried(&attempts);
    let known = Known::of(&tried);
    let trouble = ran.iter().find_map(|trial| cap_trouble(trial));
    let search = search(plan, variant, &reference);
    floor.uncapped_wall = reference.wall;
    floor.compared = reference.compared();
    floor.caps = known.caps;
    floor.absent = match trouble {
        Some(trouble) => Some(trouble.to_owned()),
        None => {
            (floor.fails_at, floor.passes_at) = (known.fails_at, known.passes_at);
            floor.confirmed = known.confirmed;
            shortfall(&search, &known, &tried)
        }
    };
    floor.notes = notes(&known, &attempts, &ran);
    floor.attempts = attempts;
    Some(floor)
}

/// The trials of a variant's search, in order; one that the user interrupted says nothing.
fn of_search<'a>(variant: &PlannedVariant, trials: &'a [Trial]) -> Vec<&'a Trial> {
    let mut ran = of_role(trials, &variant.id, Role::Floor);
    ran.retain(|trial| trial.head.outcome != Outcome::Interrupted);
    ran
}

fn attempts(reference: &Reference, ran: &[&Trial]) -> Vec<FloorAttempt> {
    let capped = ran
        .iter()
        .filter_map(|trial| Some((trial, trial.head.under?)));
    capped
        .map(|(trial, cap)| reference.attempt(trial, cap))
        .collect()
}

fn tried(attempts: &[FloorAttempt]) -> Vec<Tried> {
    let each = attempts.iter().map(|attempt| Tried {
        cap: attempt.cap,
        passed: attempt.ending == FloorEnding::Passed,
    });
    each.collect()
}

fn search(plan: &Plan, variant: &PlannedVariant, reference: &Reference) -> Search {
    let setting = plan.measure.floor;
    // The peak without a cap is the floor of a program that needs all it touches, give or take the pages
    // that the kernel holds in advance for each processor: the first interval has it in its middle.
    let guess = reference.peak + (reference.peak as f64 * setting.precision / 2.0) as u64;
    let guess = guess.next_multiple_of(PAGE);
    Search {
        guess,
        hint: reference.anonymous,
        most: reference.cap.unwrap_or(guess.saturating_mul(2)),
        precision: setting.precision,
        repeats: setting.repeats,
        caps: setting.attempts,
        decide: decisive(plan, variant),
    }
}

/// The caps on which the targets' verdicts on a variant's floor hang.
fn decisive(plan: &Plan, variant: &PlannedVariant) -> Vec<u64> {
    let mut caps = Vec::new();
    for target in &plan.targets {
        let Expectation::Metric {
            metric,
            at_most,
            at_least,
            ..
        } = &target.expectation
        else {
            continue;
        };
        if metric != FLOOR || !target.variants.contains(&variant.id) {
            continue;
        }
        if let Some(Bound::Absolute { value, .. }) = at_most {
            caps.push(*value as u64);
        }
        if let Some(Bound::Absolute { value, .. }) = at_least {
            // It is at least the bound where the page below is not enough.
            caps.push((*value as u64).next_multiple_of(PAGE).saturating_sub(PAGE));
        }
    }
    caps
}

/// Why there is no interval, or none as narrow and as sure as was asked for.
fn shortfall(search: &Search, known: &Known, tried: &[Tried]) -> Option<String> {
    let open = search.next(tried).is_some();
    let ended = || match open {
        true => "the search was cut short".to_owned(),
        false => format!("after {} caps the search was given up", known.caps),
    };
    match (known.fails_at, known.passes_at) {
        (None, None) => Some("no cap was tried".to_owned()),
        (Some(fails), None) if fails >= search.most / PAGE * PAGE => Some(format!(
            "it did not complete under {}, the largest cap there is",
            bytes(fails as f64)
        )),
        (Some(fails), None) => Some(format!(
            "it did not complete under {}, and {}",
            bytes(fails as f64),
            ended()
        )),
        (_, Some(_)) if open => Some(ended()),
        (None, Some(_)) => None,
        (Some(fails), Some(passes)) if !search.is_narrow(fails, passes) => Some(format!(
            "{} with the interval still wider than asked for",
            ended()
        )),
        (Some(_), Some(_)) => None,
    }
}

/// What is to be known before the interval is believed.
fn notes(known: &Known, attempts: &[FloorAttempt], ran: &[&Trial]) -> Vec<String> {
    let mut notes = Vec::new();
    let mut at_edge = attempts
        .iter()
        .filter(|attempt| Some(attempt.cap) == known.fails_at);
    if let Some(fails) = known.fails_at
        && at_edge.any(|attempt| attempt.ending == FloorEnding::NotStarted)
    {
        notes.push(format!(
            "under {} no process could be started at all: the floor is that of starting one, and \
             the program's own is not above it",
            bytes(fails as f64)
        ));
    }
    if known.odd > 0 {
        notes.push(
            "near its floor it does not always do the same: it passed under a cap below one under \
             which it failed; the interval lies above every failure"
                .to_owned(),
        );
    }
    let mut wrong: Vec<u64> = attempts
        .iter()
        .filter(|attempt| attempt.ending == FloorEnding::WrongOutput)
        .map(|attempt| attempt.cap)
        .collect();
    wrong.sort_unstable();
    wrong.dedup();
    if !wrong.is_empty() {
        let caps: Vec<String> = wrong.iter().map(|cap| bytes(*cap as f64)).collect();
        notes.push(format!(
            "its output was wrong under {}: what it puts out depends on the memory it has",
            caps.join(", ")
        ));
    }
    let numbered = |attempt: &FloorAttempt| {
        let number = attempt.trial;
        ran.iter().find(|trial| trial.head.number == number)
    };
    let strange = attempts
        .iter()
        .filter(|attempt| Some(attempt.cap) == known.fails_at)
        .filter_map(|attempt| below_its_cap(numbered(attempt)?, attempt));
    notes.extend(strange);
    notes
}
