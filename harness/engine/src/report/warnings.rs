//! What a reader must know before believing the figures, the gravest first.

use std::collections::BTreeSet;

use super::format::{counted, percent};
use crate::analyze::{Analysis, VariantAnalysis};
use crate::evidence::{CapsKind, Instrument, Machine, Outcome, Role, Trial};
use crate::judge::unexpected;
use crate::plan::Plan;

/// What a debug build says in all it puts out.
pub const DEBUG_BUILD: &str =
    "DEBUG BUILD: these figures are not comparable with any other; build with --release";

/// Two runs of the same program that typically differ by more than this are worth a warning.
const NOISY: f64 = 0.10;

/// Warnings are cut at this many, because trials repeat themselves.
const MOST_NOTES: usize = 20;

/// The warnings of a session, the gravest first, each once.
pub(super) fn warnings(
    plan: &Plan,
    trials: &[&Trial],
    analysis: &Analysis,
    machine: &Machine,
) -> Vec<String> {
    let mut said = Vec::new();
    if machine.debug_build {
        said.push(DEBUG_BUILD.to_owned());
    }
    said.extend(outcomes(plan, trials, analysis));
    said.extend(noise(analysis));
    said.extend(machine_state(plan, machine));
    said.extend(instruments(trials));
    said.extend(protocol(trials));
    let notes: Vec<String> = trials
        .iter()
        .flat_map(|trial| trial.head.notes.iter().map(move |note| (trial, note)))
        .map(|(trial, note)| {
            format!(
                "{} (trial {}): {note}",
                trial.head.variant, trial.head.number
            )
        })
        .collect();
    let left_out = notes.len().saturating_sub(MOST_NOTES);
    said.extend(notes.into_iter().take(MOST_NOTES));
    if left_out > 0 {
        said.push(format!(
            "{} more, listed with the trials",
            counted(left_out, "note")
        ));
    }
    said.extend(plan.notes.iter().cloned());
    let mut seen = BTreeSet::new();
    said.retain(|warning| seen.insert(warning.clone()));
    said
}

/// Variants and instruments that ended as nobody expected.
fn outcomes(plan: &Plan, trials: &[&Trial], analysis: &Analysis) -> Vec<String> {
    let mut said: Vec<String> = unexpected(plan, analysis)
        .into_iter()
        .filter_map(|id| analysis.variant(id))
        .map(VariantAnalysis::ended)
        .collect();
    let instruments = trials.iter().filter(|trial| {
        trial.head.instrument != Instrument::Clock
            && !matches!(
                trial.head.outcome,
                Outcome::Completed | Outcome::Interrupted
            )
    });
    for trial in instruments {
        said.push(format!(
            "the {} trial of {} did not complete: {}",
            trial.head.instrument.name(),
            trial.head.variant,
            trial.head.diagnosis
        ));
    }
    said
}

fn noise(analysis: &Analysis) -> Option<String> {
    let noise = analysis.noise.get("wall")?;
    (noise.spread > NOISY).then(|| {
        format!(
            "noisy: two runs of the baseline typically differed by {} in elapsed time ({})",
            percent(noise.spread.exp_m1()),
            counted(noise.pairs, "A/A pair")
        )
    })
}

fn machine_state(plan: &Plan, machine: &Machine) -> Vec<String> {
    let mut said = Vec::new();
    if !plan.exact_only && machine.load > f64::from(machine.cores) / 2.0 {
        said.push(format!(
            "the machine was busy: load {:.1} on {} before the session began",
            machine.load,
            counted(machine.cores as usize, "core")
        ));
    }
    if machine.caps == CapsKind::Sampled {
        said.push(
            "memory caps are enforced by sampling, not by the kernel: targets on outcomes under a \
             cap are absent (see `plimsoll doctor`)"
                .to_owned(),
        );
    }
    if machine.swap > 0 {
        said.push(
            "the machine has swap: resident memory does not count what is swapped out".to_owned(),
        );
    }
    said
}

/// Instruments that saw less than they should have.
fn instruments(trials: &[&Trial]) -> Vec<String> {
    let mut said = Vec::new();
    for trial in trials {
        if trial
            .profile
            .as_ref()
            .is_some_and(|profile| profile.stripped)
        {
            said.push(format!(
                "the binary of {} is stripped: its heap profile has no names",
                trial.head.variant
            ));
        }
        let swapped =
            |step: &crate::evidence::Step| step.timeline.samples.iter().any(|s| s.swap > 0);
        if trial.head.role != Role::Warmup && trial.steps.iter().any(swapped) {
            said.push(format!(
                "{} was swapped out in part: its resident peaks are too low",
                trial.head.variant
            ));
        }
    }
    said
}

/// Events that could not be read, and programs that misused the protocol.
fn protocol(trials: &[&Trial]) -> Vec<String> {
    let mut said = Vec::new();
    for trial in trials {
        let malformed: u64 = trial.steps.iter().map(|step| step.malformed_events).sum();
        if malformed > 0 {
            said.push(format!(
                "{} wrote {} that could not be read and were ignored",
                trial.head.variant,
                counted(
                    usize::try_from(malformed).unwrap_or(usize::MAX),
                    "event line"
                )
            ));
        }
        for misuse in trial.steps.iter().flat_map(|step| &step.misuse) {
            said.push(format!("{}: {misuse}", trial.head.variant));
        }
    }
    said
}
