//! Sweeps: which parameter, which values, at which sizes.

use serde_json::{Number, Value};

use crate::scenario::catalog::WorkloadInfo;
use crate::scenario::document::{ScenarioDoc, SeriesDoc, SweepDoc};
use crate::scenario::error::{Mistakes, suggestion};
use crate::scenario::forms::SweepValuesDoc;
use crate::scenario::read::{At, Json};
use crate::scenario::source::{Span, shown};
use crate::scenario::{Params, Sweep};

use super::expect::metric_unit;
use super::names::check_sizes;
use super::params::{known_params, param_mismatch};
use super::sizes::{SMOKE, within};
use super::targets::Known;

/// Values of a sweep at most.
const MOST_VALUES: usize = 100;
/// Runs of each value where nothing is said: the median of three shrugs one off.
const RUNS: u32 = 3;

/// Reads all sweeps; at one size a parameter is swept once.
pub(crate) fn check_sweeps(
    doc: &ScenarioDoc,
    params: &Params,
    known: &Known<'_>,
    mistakes: &mut Mistakes,
) -> Vec<Sweep> {
    let docs = doc.sweep.value().map(|docs| docs.0.as_slice());
    let mut sweeps: Vec<Sweep> = Vec::new();
    for at in docs.unwrap_or_default() {
        let Some(sweep) = check_sweep(at, params, known, mistakes) else {
            continue;
        };
        let again = sweeps.iter().find(|other| {
            other.parameter == sweep.parameter
                && other.sizes.iter().any(|size| sweep.sizes.contains(size))
        });
        if again.is_some() {
            mistakes.add(
                at.span,
                format!(
                    "`{}` is swept twice at the same size",
                    shown(&sweep.parameter)
                ),
                "the second time",
                "keep one of them, or give each its own `sizes`".to_owned(),
            );
            continue;
        }
        sweeps.push(sweep);
    }
    sweeps
}

fn check_sweep(
    at: &At<SweepDoc>,
    params: &Params,
    known: &Known<'_>,
    mistakes: &mut Mistakes,
) -> Option<Sweep> {
    let doc = &at.value;
    let parameter = doc.parameter.get();
    let named = parameter.filter(|name| check_parameter(name, params, known, mistakes));
    if let Some(quality) = doc.quality.get() {
        metric_unit(quality, known, mistakes);
    }
    let quality = doc.quality.value().cloned();
    let values = doc.values.get().and_then(|values| {
        let parameter = named.map(|name| name.value.as_str());
        check_values(values, parameter, quality.is_none(), known.info, mistakes)
    });
    let runs = match doc.runs.get() {
        Some(at) => within(at.value, 1, "runs", at.span, mistakes),
        None => Some(RUNS),
    };
    let before = mistakes.len();
    let sizes: Vec<String> = match doc.sizes.get() {
        Some(names) => check_sizes(&names.value, known.sizes, mistakes),
        // What takes long is not for the size that is to take no time, unless it is asked for.
        None => {
            let names = known.sizes.iter().map(|size| size.name.clone());
            names.filter(|name| name != SMOKE).collect()
        }
    };
    if sizes.is_empty() && mistakes.len() == before {
        mistakes.add(
            doc.sizes.get().map_or(at.span, |names| names.span),
            "the sweep is for no size",
            "never run",
            "name a size in `sizes`; without it, all but `smoke` are meant".to_owned(),
        );
    }
    let variants: Vec<String> = match doc.variants.get() {
        Some(names) => {
            if names.value.is_empty() {
                mistakes.add(
                    names.span,
                    "the sweep is of no variant",
                    "empty",
                    "leave `variants` out for all of them".to_owned(),
                );
            }
            known.families.resolve_all(&names.value, mistakes)
        }
        None => known.variants.iter().map(|v| v.id.clone()).collect(),
    };
    let sweep = Sweep {
        parameter: named?.value.clone(),
        values: values?,
        runs: runs?,
        sizes,
        variants,
        quality,
    };
    uses(&sweep, named?.span, known, mistakes);
    Some(sweep)
}

/// Whether there is such a parameter to sweep.
fn check_parameter(
    name: &At<String>,
    params: &Params,
    known: &Known<'_>,
    mistakes: &mut Mistakes,
) -> bool {
    let of_workload = known.info.map(known_params).unwrap_or_default();
    let written = || {
        let sizes = known.sizes.iter().flat_map(|size| size.params.keys());
        let variants = known.variants.iter().flat_map(|v| v.params.keys());
        let all = params.keys().chain(sizes).chain(variants);
        all.map(String::as_str).collect::<Vec<_>>()
    };
    let mut valid = match of_workload.is_empty() {
        true => written(),
        false => of_workload,
    };
    valid.sort_unstable();
    valid.dedup();
    let there = valid.contains(&name.value.as_str());
    if !there {
        mistakes.add(
            name.span,
            format!("no parameter `{}` to sweep", shown(&name.value)),
            "unknown parameter",
            match valid.is_empty() {
                true => "give it an ordinary value first: `params: { NAME: 1000 }`".to_owned(),
                false => suggestion(&name.value, "the parameters", valid.iter().copied()),
            },
        );
    }
    there
}

/// The values in ascending order.
fn check_values(
    at: &At<SweepValuesDoc>,
    parameter: Option<&str>,
    positive: bool,
    info: Option<&WorkloadInfo>,
    mistakes: &mut Mistakes,
) -> Option<Vec<Number>> {
    let values: Vec<At<Number>> = match &at.value {
        SweepValuesDoc::These(values) => {
            let numbers = values.iter().map(|value| number(value, mistakes));
            numbers.collect::<Option<_>>()?
        }
        SweepValuesDoc::Series(doc) => {
            let numbers = series(doc, at.span, mistakes)?;
            let at = |value| At {
                value,
                span: at.span,
            };
            numbers.into_iter().map(at).collect()
        }
    };
    let before = mistakes.len();
    for value in &values {
        if positive && float(&value.value) <= 0.0 {
            mistakes.add(
                value.span,
                format!("{} is no size", value.value),
                "not above 0",
                "sizes are above 0; a knob that trades quality for cost says which: `quality: METRIC`"
                    .to_owned(),
            );
        }
        let json = Value::Number(value.value.clone());
        let wanted = info.zip(parameter);
        if let Some(expected) = wanted.and_then(|(info, name)| param_mismatch(info, name, &json)) {
            mistakes.add(
                value.span,
                format!("the parameter is {expected}"),
                format!("{} is not", value.value),
                None,
            );
        }
    }
    let mut numbers: Vec<Number> = values.into_iter().map(|at| at.value).collect();
    numbers.sort_by(|a, b| float(a).total_cmp(&float(b)));
    if let Some(pair) = numbers.windows(2).find(|w| float(&w[0]) == float(&w[1])) {
        mistakes.add(
            at.span,
            format!("{} is among the values twice", pair[0]),
            "once is enough",
            "`runs` says how often each is run".to_owned(),
        );
    }
    if !(2..=MOST_VALUES).contains(&numbers.len()) {
        mistakes.add(
            at.span,
            format!("{} values are not a sweep", numbers.len()),
            "too few or too many",
            format!("2 to {MOST_VALUES}; a growth needs at least 4, and is better known from 8"),
        );
    }
    (mistakes.len() == before).then_some(numbers)
}

fn number(at: &At<Json>, mistakes: &mut Mistakes) -> Option<At<Number>> {
    match &at.value.0 {
        Value::Number(number) => Some(At {
            value: number.clone(),
            span: at.span,
        }),
        other => {
            mistakes.add(
                at.span,
                format!("`{}` is no number", shown(&other.to_string())),
                "cannot be swept",
                "a sweep goes over numbers; text belongs in a `matrix`".to_owned(),
            );
            None
        }
    }
}

/// Points at equal ratios from one end to the other; whole numbers where both ends are.
fn series(doc: &SeriesDoc, span: Span, mistakes: &mut Mistakes) -> Option<Vec<Number>> {
    let mut end = |field: &crate::scenario::read::Field<Json>| number(field.get()?, mistakes);
    let (from, to) = (end(&doc.from), end(&doc.to));
    let (from, to) = (from?.value, to?.value);
    let points = doc.points.get()?;
    let (low, high) = (float(&from), float(&to));
    if low <= 0.0 || high <= low {
        mistakes.add(
            span,
            format!("there is no series from {from} to {to}"),
            "by equal ratios",
            "both are above 0, and `from` below `to`".to_owned(),
        );
        return None;
    }
    let count = usize::try_from(points.value).unwrap_or(usize::MAX);
    if !(2..=MOST_VALUES).contains(&count) {
        mistakes.add(
            points.span,
            format!("{} points are not a series", points.value),
            "too few or too many",
            format!("2 to {MOST_VALUES}"),
        );
        return None;
    }
    let whole = from.is_u64() && to.is_u64();
    let mut values = Vec::with_capacity(count);
    for place in 0..count {
        let share = place as f64 / (count - 1) as f64;
        let value = low * (high / low).powf(share);
        let value = match whole {
            true => Some(Number::from(value.round() as u64)),
            false => Number::from_f64(value),
        };
        values.push(value?);
    }
    if whole && values.windows(2).any(|pair| pair[0] == pair[1]) {
        mistakes.add(
            span,
            format!("between {from} and {to} there are not {count} whole numbers at equal ratios"),
            "some would be run twice",
            "ask for fewer points, or list the values".to_owned(),
        );
        return None;
    }
    Some(values)
}

/// A number as one that can be computed with.
fn float(number: &Number) -> f64 {
    number.as_f64().unwrap_or(f64::NAN)
}

/// Reports commands that would do the same at every value.
fn uses(sweep: &Sweep, span: Span, known: &Known<'_>, mistakes: &mut Mistakes) {
    let placeholder = format!("{{params.{}}}", sweep.parameter);
    for variant in known.variants {
        let Some(command) = variant.command.as_ref() else {
            continue;
        };
        if !sweep.variants.contains(&variant.id) {
            continue;
        }
        let words = command
            .steps
            .iter()
            .flat_map(|step| step.argv.iter().skip(1));
        let prepared = command.prepare.iter().flatten();
        if !words
            .chain(prepared)
            .any(|word| word.contains(&placeholder))
        {
            mistakes.add(
                span,
                format!(
                    "`{}` would do the same at every value of `{}`",
                    shown(&variant.id),
                    shown(&sweep.parameter)
                ),
                "swept here",
                format!("put `{}` into its arguments", shown(&placeholder)),
            );
        }
    }
}
