//! `equals`: metrics and digests against known values.

use std::collections::BTreeMap;

use serde_json::Value;

use super::case::Case;
use super::finding::Finding;
use crate::analyze::at_full_parameters;
use crate::evidence::{Outcome, Role, Trial};
use crate::report::format;

/// Judges a variant against known values: a number is a metric's, in its base unit and equal to
/// the last digit; a text is a digest's, method and all, as reports print it.
pub(super) fn judge(case: &Case<'_>, variant: &str, values: &BTreeMap<String, Value>) -> Finding {
    let findings = values.iter().map(|(name, known)| match known {
        Value::Number(number) => metric(case, variant, name, number),
        Value::String(text) => digest(case, variant, name, text),
        other => Finding::absent(format!(
            "`{name}`: {other} is neither a number (of a metric) nor a text (of a digest)"
        )),
    });
    Finding::all(findings)
}

fn metric(case: &Case<'_>, variant: &str, name: &str, known: &serde_json::Number) -> Finding {
    let series = match case.series(variant, name) {
        Ok(series) => series,
        Err(why) => return Finding::absent(why),
    };
    let odd = series
        .readings
        .iter()
        .find(|reading| !equal(reading.value, known));
    let print = |value| format::value(series.about.unit, value);
    match odd {
        Some(reading) => Finding::held(
            false,
            format!(
                "{name} is {} in trial {}, not {known}",
                reading.value, reading.trial
            ),
        ),
        None => Finding::held(
            true,
            format!(
                "{name} is {} in {}",
                print(series.max()),
                format::counted(series.readings.len(), "trial")
            ),
        ),
    }
}

/// Whether a measured value is the known one. Whole numbers are compared as such, so that a known
/// value beyond the reach of floating point is never met by a neighbour.
fn equal(measured: f64, known: &serde_json::Number) -> bool {
    let whole = measured.fract() == 0.0 && measured.abs() < i128::MAX as f64;
    match known.as_i128() {
        Some(known) => whole && measured as i128 == known,
        None => known.as_f64() == Some(measured),
    }
}

fn digest(case: &Case<'_>, variant: &str, name: &str, known: &str) -> Finding {
    let trials = match completed(case, variant) {
        Ok(trials) => trials,
        Err(why) => return Finding::absent(why),
    };
    let mut seen = 0;
    for trial in &trials {
        let Some(identity) = trial.digests.get(name) else {
            let there: Vec<&str> = trial.digests.keys().map(String::as_str).collect();
            let there = match there.is_empty() {
                true => "it reported none".to_owned(),
                false => format!("there are: {}", there.join(", ")),
            };
            return Finding::absent(format!(
                "no digest `{name}` in trial {}; {there}",
                trial.head.number
            ));
        };
        if identity.value != known {
            let finding = Finding::held(
                false,
                format!(
                    "{name} is {} in trial {}, not {known}",
                    identity.value, trial.head.number
                ),
            );
            let method = identity.value.split_once(':');
            return match method {
                Some((method, hash)) if hash == known => finding.because(format!(
                    "the hash is the same: write it with its method, `{method}:{known}`"
                )),
                _ => finding,
            };
        }
        seen += 1;
    }
    Finding::held(
        true,
        format!("{name} is {known} in {}", format::counted(seen, "trial")),
    )
}

/// The completed trials whose digests are held against the known value.
fn completed<'a>(case: &Case<'a>, id: &str) -> Result<Vec<&'a Trial>, String> {
    let (planned, analysed) = case.variant(id)?;
    let mut trials: Vec<&Trial> = match case.target.under {
        Some(cap) => case.enforced(id, cap)?,
        None => case
            .trials
            .iter()
            .filter(|t| t.head.variant == id && t.head.role != Role::Floor)
            .collect(),
    };
    trials.retain(|trial| {
        trial.head.outcome == Outcome::Completed && at_full_parameters(planned, trial)
    });
    trials.sort_by_key(|trial| trial.head.number);
    if trials.is_empty() || (case.target.under.is_none() && analysed.outcome != Outcome::Completed)
    {
        return Err(analysed.ended());
    }
    Ok(trials)
}
