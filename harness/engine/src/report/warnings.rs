//! What a reader must know before believing the figures, the gravest first.

use std::collections::BTreeSet;

use super::format::{count, counted, percent, ratio, seconds};
use crate::analyze::{Analysis, Series, VariantAnalysis, far_outside, median, modes};
use crate::evidence::{CapsKind, Instrument, Machine, Outcome, Role, SweepPoint, Trial};
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
    said.extend(missed(analysis));
    said.extend(noise(analysis));
    said.extend(distributions(analysis));
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
    let swept = trials.iter().filter(|trial| {
        let outcome = trial.head.outcome;
        let ended_itself = !matches!(outcome, Outcome::Completed | Outcome::Interrupted);
        trial.head.instrument == Instrument::Clock && ended_itself
    });
    for trial in swept {
        if let Some(SweepPoint { parameter, value }) = &trial.head.point {
            said.push(format!(
                "{} at {parameter} {} did not complete: {}",
                trial.head.variant,
                count(*value),
                trial.head.diagnosis
            ));
        }
    }
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

/// Steps that were to be killed and never were: such runs say nothing about crashes.
fn missed(analysis: &Analysis) -> Vec<String> {
    let steps = analysis.variants.iter();
    let steps = steps.flat_map(|variant| variant.steps.iter().map(move |step| (variant, step)));
    let missed = steps.filter_map(|(variant, step)| {
        let kills = step.kills.filter(|kills| kills.killed == 0)?;
        let step = match step.name.as_str() {
            "" => String::new(),
            name => format!(" in step {name}"),
        };
        let planned = counted(kills.planned as usize, "planned kill");
        Some(format!(
            "{} was never killed{step} ({planned}): it had ended before, so nothing is shown about a \
             crash",
            variant.id
        ))
    });
    missed.collect()
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

/// Elapsed times in several heaps, and those far outside: nothing is left out, so it must be said.
fn distributions(analysis: &Analysis) -> Vec<String> {
    let of_variant = |variant: &VariantAnalysis| {
        let walls = variant.metrics.get("wall")?.as_ref().ok()?;
        // Of several heaps each lies far outside the others.
        let said = heaps(walls).or_else(|| outside(walls))?;
        Some(format!("elapsed time of {} {said}", variant.id))
    };
    let variants = analysis.variants.iter();
    variants.filter_map(of_variant).collect()
}

/// `has 2 modes: 20.1 ms (31 % of runs) and 32.9 ms (69 %)`.
fn heaps(walls: &Series) -> Option<String> {
    let modes = modes(&walls.values());
    if modes.len() < 2 {
        return None;
    }
    let told: Vec<String> = modes
        .iter()
        .enumerate()
        .map(|(place, mode)| {
            let of = if place == 0 { " of runs" } else { "" };
            let share = percent(mode.share);
            format!("{} ({share}{of})", seconds(mode.centre))
        })
        .collect();
    Some(format!(
        "has {}: {}; its median describes no typical run, ratios of pairs still hold",
        counted(modes.len(), "mode"),
        told.join(" and "),
    ))
}

/// `has 3 of 1,000 runs far outside the others, up to 95.1 ms (4.7 x the median); they count ...`.
fn outside(walls: &Series) -> Option<String> {
    let values = walls.values();
    let outside = far_outside(&values);
    let median = median(&values);
    let farthest = outside
        .iter()
        .copied()
        .max_by(|a, b| (a / median).ln().abs().total_cmp(&(b / median).ln().abs()))?;
    Some(format!(
        "has {} of {} far outside the others, the farthest {} ({} the median); they count like any other",
        count(outside.len() as f64),
        counted(values.len(), "run"),
        seconds(farthest),
        ratio(farthest / median)
    ))
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
