//! Which steps are killed, and when.

use std::time::Duration;

use crate::scenario::catalog::WorkloadInfo;
use crate::scenario::document::{KillDoc, VariantDoc};
use crate::scenario::error::{Mistakes, suggestion};
use crate::scenario::forms::MomentDoc;
use crate::scenario::read::At;
use crate::scenario::source::shown;
use crate::scenario::{AfterKill, Kill, KillMoment};

/// Kills of one step in one trial at most; more is a slip.
const MOST_TIMES: u64 = 1_000;

/// The kills of a variant: its own, and those of the steps that it lists.
pub(super) fn check_kills(
    doc: &VariantDoc,
    implementation: &str,
    info: Option<&WorkloadInfo>,
    mistakes: &mut Mistakes,
) -> Vec<Kill> {
    let mut kills = Vec::new();
    let steps = doc.steps.value().map(Vec::as_slice).unwrap_or_default();
    for (place, step) in steps.iter().enumerate() {
        let Some(kill) = step.value.kill.get() else {
            continue;
        };
        if let Some(stray) = kill.value.step.get() {
            mistakes.add(
                stray.span,
                "the kill of a step says which step is meant",
                "this one is",
                "leave `step` out".to_owned(),
            );
        }
        if place + 1 == steps.len() {
            mistakes.add(
                kill.span,
                "nothing comes after this step to find what it left",
                "the last step",
                "add a step that resumes, or kill an earlier one".to_owned(),
            );
        }
        let name = step.value.name.value().cloned().unwrap_or_default();
        kills.extend(check_kill(kill, name, AfterKill::Next, mistakes));
    }
    if let Some(kill) = doc.kill.get() {
        match doc.steps.get() {
            Some(_) => mistakes.add(
                kill.span,
                "`kill` is a step's own where there are `steps`",
                "beside the steps",
                "write `kill` in the step that is to be killed".to_owned(),
            ),
            None => {
                let step = step_of_variant(kill, doc, implementation, info, mistakes);
                kills.extend(check_kill(kill, step, AfterKill::Again, mistakes));
            }
        }
    }
    kills
}

/// The step that a variant's own `kill` means; an empty name for the only one.
fn step_of_variant(
    kill: &At<KillDoc>,
    doc: &VariantDoc,
    implementation: &str,
    info: Option<&WorkloadInfo>,
    mistakes: &mut Mistakes,
) -> String {
    let named = kill.value.step.get();
    let known = info.and_then(|info| info.implementation(implementation));
    let steps = match (doc.command.is_absent(), known) {
        (true, Some(known)) => known.steps.as_slice(),
        // The workload or implementation is not known, and that was reported.
        (true, None) => return named.map(|at| at.value.clone()).unwrap_or_default(),
        (false, _) => &[],
    };
    let names = || steps.iter().map(String::as_str);
    match named {
        Some(named) if !steps.contains(&named.value) => mistakes.add(
            named.span,
            format!("no step `{}`", shown(&named.value)),
            "unknown step",
            match steps.is_empty() {
                true => "it has one step only: leave `step` out".to_owned(),
                false => suggestion(&named.value, "its steps", names()),
            },
        ),
        None if steps.len() > 1 => mistakes.add(
            kill.span,
            format!("`{}` has several steps", shown(implementation)),
            "which one is to be killed?",
            format!(
                "add `step:` with one of {}",
                names().collect::<Vec<_>>().join(", ")
            ),
        ),
        _ => {}
    }
    let only = steps.first().cloned().unwrap_or_default();
    named.map_or(only, |at| at.value.clone())
}

fn check_kill(
    at: &At<KillDoc>,
    step: String,
    then: AfterKill,
    mistakes: &mut Mistakes,
) -> Option<Kill> {
    let doc = &at.value;
    let times = doc.times.get();
    if let Some(times) = times.filter(|times| !(1..=MOST_TIMES).contains(&times.value)) {
        mistakes.add(
            times.span,
            format!("{} is not how often a step can be killed", times.value),
            "out of range",
            format!("1 to {MOST_TIMES}"),
        );
    }
    let random = matches!(doc.at.value(), None | Some(MomentDoc::Random));
    let strays = [
        ("seed", doc.seed.get().map(|at| at.span)),
        ("within", doc.within.get().map(|at| at.span)),
    ];
    for (key, span) in strays {
        if let Some(span) = span.filter(|_| !random) {
            mistakes.add(
                span,
                format!("`{key}` is for `at: random`, and this moment is fixed"),
                "does nothing",
                format!("leave `{key}` out, or write `at: random`"),
            );
        }
    }
    if let Some(within) = doc.within.get().filter(|at| at.value.0.is_zero()) {
        mistakes.add(within.span, "no moment lies within no time", "0", None);
    }
    let moment = match doc.at.get()?.value {
        MomentDoc::After(after) => KillMoment::After(after),
        MomentDoc::Share(share) => KillMoment::Share(share),
        MomentDoc::Random => KillMoment::Random {
            within: doc.within.value().map(|within| within.0),
        },
    };
    if matches!(moment, KillMoment::After(Duration::ZERO)) || !in_range(moment) {
        mistakes.add(
            doc.at.get().map_or(at.span, |at| at.span),
            "this moment is not within a step",
            "before it or after it",
            "a time above 0, or more than 0 % and less than 100 %".to_owned(),
        );
    }
    Some(Kill {
        step,
        at: moment,
        seed: doc.seed.value().copied().unwrap_or(1),
        times: times.map_or(1, |at| u32::try_from(at.value).unwrap_or(1)),
        then,
    })
}

fn in_range(moment: KillMoment) -> bool {
    match moment {
        KillMoment::Share(share) => share > 0.0 && share < 1.0,
        KillMoment::After(_) | KillMoment::Random { .. } => true,
    }
}
