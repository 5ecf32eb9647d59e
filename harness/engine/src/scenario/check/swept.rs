//! Expectations on sweeps: how a metric grows, and what it is at a place of a sweep.

use plimsoll_workload::Unit;

use crate::scenario::document::TargetDoc;
use crate::scenario::error::{Mistakes, listed, suggestion};
use crate::scenario::forms::BoundDoc;
use crate::scenario::read::{At, Field};
use crate::scenario::source::{Span, shown};
use crate::scenario::units::Quantity;
use crate::scenario::{Bound, Expectation, FEWEST_SIZES, FURTHEST, Place, Sweep};

use super::expectations::{Expected, metric_unit, require, sides};
use super::measure::SMOKE;
use super::targets::{Known, Named};

/// A metric within bounds at a place of a sweep. `sizes` become those at which it is swept.
pub(super) fn at_place(
    at: &At<TargetDoc>,
    named: Named,
    known: &Known<'_>,
    sizes: &mut Vec<String>,
    mistakes: &mut Mistakes,
) -> Option<Expected> {
    let doc = &at.value;
    let metric = doc.metric.get()?;
    refuse(&doc.aggregate, "aggregate", mistakes);
    refuse(&doc.under, "under", mistakes);
    let unit = metric_unit(metric, known, mistakes);
    let (at_most, at_least) = sides(doc, metric, unit, known, mistakes)?;
    let places = doc.at.get()?;
    let [(name, bound)] = places.value.0.as_slice() else {
        mistakes.add(
            places.span,
            "a place on a sweep is one parameter or one quality",
            "none, or several",
            "as in `at: { sentences: 100000 }` or `at: { recall: 0.99 }`".to_owned(),
        );
        return None;
    };
    let name = At {
        value: name.name.clone(),
        span: name.span,
    };
    let place = place(&name, bound, known, mistakes)?;
    let (mut variants, names) = require(named, "metric", metric.span, mistakes)?;
    let sweeps = relevant(known, &place, sizes, name.span, mistakes)?;
    for sweep in &sweeps {
        swept_there(sweep, &variants, name.span, mistakes);
        if let Place::Size { value, .. } = place {
            fits(sweep, name.span, mistakes);
            reaches(sweep, value, bound.span, mistakes);
        }
    }
    let relative = [at_most, at_least]
        .iter()
        .any(|bound| matches!(bound, Some(Bound::Baseline(_))));
    if let Some(baseline) = known.baseline().filter(|_| relative) {
        variants.retain(|id| id != baseline);
        let span = doc.variant.get().map_or(at.span, |at| at.span);
        if variants.is_empty() {
            mistakes.add(
                span,
                format!("`{}` is the baseline itself", shown(baseline)),
                "held against itself",
                "name another variant, or write the bound in the metric's unit".to_owned(),
            );
            return None;
        }
        for sweep in &sweeps {
            swept_there(sweep, &[baseline.to_owned()], span, mistakes);
        }
    }
    let mut bounds = Vec::new();
    for (sign, field) in [("<=", &doc.at_most), (">=", &doc.at_least)] {
        if let Some(bound) = field.value() {
            bounds.push(format!("{sign} {}", bound.text));
        }
    }
    let label = format!(
        "{} of {names} at {} {} {}",
        shown(&metric.value),
        shown(&name.value),
        bound.value.text,
        bounds.join(" and ")
    );
    Some(Expected {
        expectation: Expectation::At {
            metric: metric.value.clone(),
            place,
            at_most,
            at_least,
        },
        variants,
        label,
    })
}

/// The exponent of a metric's growth within bounds.
pub(super) fn growth(
    at: &At<TargetDoc>,
    named: Named,
    known: &Known<'_>,
    sizes: &mut Vec<String>,
    mistakes: &mut Mistakes,
) -> Option<Expected> {
    let doc = &at.value;
    let metric = doc.growth.get()?;
    refuse(&doc.under, "under", mistakes);
    metric_unit(metric, known, mistakes);
    let Some(exponent) = doc.exponent.get() else {
        if doc.exponent.is_absent() {
            mistakes.add(
                metric.span,
                format!("the growth of `{}` has no bound", shown(&metric.value)),
                "this growth",
                "add `exponent: { at_most: 1.1 }`; 1 is linear, 2 quadratic".to_owned(),
            );
        }
        return None;
    };
    let mut side = |field: &Field<BoundDoc>| {
        let bound = field.get()?;
        let number = plain(bound, mistakes);
        number.map(|number| (number, bound.value.text.clone()))
    };
    let at_most = side(&exponent.value.at_most);
    let at_least = side(&exponent.value.at_least);
    if exponent.value.at_most.is_absent() && exponent.value.at_least.is_absent() {
        mistakes.add(
            exponent.span,
            "the exponent has no bound",
            "neither `at_most` nor `at_least`",
            "as in `exponent: { at_most: 1.1 }`".to_owned(),
        );
        return None;
    }
    let parameter = over(doc, metric, known, mistakes)?;
    let (variants, names) = require(named, "growth", metric.span, mistakes)?;
    // A growth is looked at wherever it is swept: the value does not matter here.
    let place = Place::Size {
        parameter: parameter.clone(),
        value: 1.0,
    };
    for sweep in relevant(known, &place, sizes, metric.span, mistakes)? {
        swept_there(sweep, &variants, metric.span, mistakes);
        fits(sweep, metric.span, mistakes);
    }
    let mut bounds = Vec::new();
    for (sign, side) in [("<=", &at_most), (">=", &at_least)] {
        if let Some((_, text)) = side {
            bounds.push(format!("{sign} {text}"));
        }
    }
    let label = format!(
        "{} of {names} grows as {}^k, k {}",
        shown(&metric.value),
        shown(&parameter),
        bounds.join(" and ")
    );
    Some(Expected {
        expectation: Expectation::Growth {
            metric: metric.value.clone(),
            parameter,
            at_most: at_most.map(|(number, _)| number),
            at_least: at_least.map(|(number, _)| number),
        },
        variants,
        label,
    })
}

/// What a name in `at` stands for: a size that is swept, or the quality of a sweep.
fn place(
    name: &At<String>,
    bound: &At<BoundDoc>,
    known: &Known<'_>,
    mistakes: &mut Mistakes,
) -> Option<Place> {
    let wanted = name.value.as_str();
    let size = known
        .sweeps
        .iter()
        .find(|sweep| sweep.quality.is_none() && sweep.parameter == wanted);
    let of_quality: Vec<&Sweep> = known
        .sweeps
        .iter()
        .filter(|sweep| sweep.quality.as_deref() == Some(wanted))
        .collect();
    let knobs = of_quality.iter().map(|sweep| sweep.parameter.as_str());
    if size.is_some() && !of_quality.is_empty()
        || knobs.clone().any(|knob| Some(knob) != knobs.clone().next())
    {
        mistakes.add(
            name.span,
            format!("`{}` may mean several things here", shown(wanted)),
            "both swept and a quality, or the quality of several sweeps",
            "give the parameter, or the metric, another name".to_owned(),
        );
        return None;
    }
    if let Some(sweep) = size {
        let value = plain(bound, mistakes).filter(|value| *value > 0.0);
        return Some(Place::Size {
            parameter: sweep.parameter.clone(),
            value: value?,
        });
    }
    if let Some(sweep) = of_quality.first() {
        let unit = metric_unit(name, known, mistakes);
        let Ok(Bound::Absolute { value, .. }) = bound.value.quantity.bound(unit) else {
            mistakes.add(
                bound.span,
                format!("`{}` is no value of `{}`", bound.value.text, shown(wanted)),
                "not in its unit",
                "as in `at: { recall: 0.99 }`".to_owned(),
            );
            return None;
        };
        return Some(Place::Quality {
            parameter: sweep.parameter.clone(),
            metric: wanted.to_owned(),
            value,
        });
    }
    let knob = known.sweeps.iter().find(|sweep| sweep.parameter == wanted);
    let help = match knob.and_then(|sweep| sweep.quality.as_deref()) {
        Some(quality) => format!(
            "its sweep trades `{0}` for cost: write `at: {{ {0}: ... }}`",
            shown(quality)
        ),
        None if known.sweeps.is_empty() => {
            "nothing is swept: add `sweep: { parameter: NAME, values: [...] }`".to_owned()
        }
        None => {
            let names = known.sweeps.iter();
            let names = names.map(|sweep| sweep.quality.as_deref().unwrap_or(&sweep.parameter));
            suggestion(wanted, "places of the sweeps", names)
        }
    };
    mistakes.add(
        name.span,
        format!("no sweep has a place `{}`", shown(wanted)),
        "neither a swept size nor the quality of a sweep",
        help,
    );
    None
}

/// The parameter that a growth is over.
fn over(
    doc: &TargetDoc,
    metric: &At<String>,
    known: &Known<'_>,
    mistakes: &mut Mistakes,
) -> Option<String> {
    let mut parameters: Vec<&str> = Vec::new();
    for sweep in known.sweeps.iter().filter(|sweep| sweep.quality.is_none()) {
        if !parameters.contains(&sweep.parameter.as_str()) {
            parameters.push(&sweep.parameter);
        }
    }
    if let Some(over) = doc.over.get() {
        let there = parameters.contains(&over.value.as_str());
        if !there {
            mistakes.add(
                over.span,
                format!("`{}` is no size that is swept", shown(&over.value)),
                "not swept",
                suggestion(&over.value, "sizes that are swept", parameters),
            );
        }
        return there.then(|| over.value.clone());
    }
    let help = match parameters.as_slice() {
        [one] => return Some((*one).to_owned()),
        [] => "add `sweep: { parameter: NAME, values: [...] }`".to_owned(),
        several => listed("add `over:` with one of", several.iter().copied()),
    };
    mistakes.add(
        metric.span,
        match parameters.is_empty() {
            true => "no size is swept that anything could grow with",
            false => "several sizes are swept",
        },
        "grows with what?",
        help,
    );
    None
}

/// The sweeps that a target looks at; `sizes` become theirs where the target names none.
fn relevant<'a>(
    known: &Known<'a>,
    place: &Place,
    sizes: &mut Vec<String>,
    span: Span,
    mistakes: &mut Mistakes,
) -> Option<Vec<&'a Sweep>> {
    let of_place = |sweep: &&Sweep| {
        sweep.parameter == place.parameter()
            && match place {
                Place::Size { .. } => sweep.quality.is_none(),
                Place::Quality { metric, .. } => sweep.quality.as_ref() == Some(metric),
            }
    };
    let all: Vec<&Sweep> = known.sweeps.iter().filter(of_place).collect();
    let swept: Vec<&String> = all.iter().flat_map(|sweep| &sweep.sizes).collect();
    if let Some(size) = sizes.iter().find(|size| !swept.contains(size)) {
        mistakes.add(
            span,
            format!(
                "`{}` is not swept at size `{}`",
                shown(place.parameter()),
                shown(size)
            ),
            "this target names that size",
            listed("sizes at which it is", swept.iter().map(|s| s.as_str())),
        );
        return None;
    }
    if sizes.is_empty() {
        *sizes = swept.into_iter().cloned().collect();
    }
    let judged = |sweep: &&Sweep| {
        let mut at = sweep.sizes.iter();
        at.any(|size| size != SMOKE && sizes.contains(size))
    };
    Some(all.into_iter().filter(judged).collect())
}

/// Reports variants that are not swept.
fn swept_there(sweep: &Sweep, variants: &[String], span: Span, mistakes: &mut Mistakes) {
    for id in variants.iter().filter(|id| !sweep.variants.contains(id)) {
        mistakes.add(
            span,
            format!("`{}` is not among the variants of the sweep", shown(id)),
            "this target needs it there",
            listed(
                "the sweep's variants",
                sweep.variants.iter().map(String::as_str),
            ),
        );
    }
}

/// Reports sweeps that no growth can be fitted to.
fn fits(sweep: &Sweep, span: Span, mistakes: &mut Mistakes) {
    if sweep.values.len() < FEWEST_SIZES {
        mistakes.add(
            span,
            format!(
                "{} sizes of `{}` do not show how anything grows",
                sweep.values.len(),
                shown(&sweep.parameter)
            ),
            "needs more of them",
            format!("at least {FEWEST_SIZES}; 8 over two decades tell it well"),
        );
    }
}

/// Reports places too far from what is run.
fn reaches(sweep: &Sweep, value: f64, span: Span, mistakes: &mut Mistakes) {
    let ends = sweep.values.first().zip(sweep.values.last());
    let Some((low, high)) = ends.and_then(|(a, b)| a.as_f64().zip(b.as_f64())) else {
        return;
    };
    if value > high * FURTHEST {
        mistakes.add(
            span,
            format!("{value} is more than {FURTHEST} times the largest size swept, {high}"),
            "too far away",
            "a fit says nothing that far out: sweep larger sizes".to_owned(),
        );
    } else if value < low / FURTHEST {
        mistakes.add(
            span,
            format!("{value} is far below the smallest size swept, {low}"),
            "too far away",
            format!("at least a {FURTHEST}th of it: sweep smaller sizes"),
        );
    }
}

/// A number without a unit.
fn plain(bound: &At<BoundDoc>, mistakes: &mut Mistakes) -> Option<f64> {
    match bound.value.quantity.bound(Some(Unit::Count)) {
        Ok(Bound::Absolute { value, .. }) if bound.value.quantity == Quantity::Number(value) => {
            Some(value)
        }
        _ => {
            mistakes.add(
                bound.span,
                format!("`{}` is no plain number", bound.value.text),
                "with a unit, or a multiple",
                "a number such as `100000` or `1.1`".to_owned(),
            );
            None
        }
    }
}

/// Reports a key that means nothing on a sweep.
fn refuse<T>(field: &Field<T>, key: &str, mistakes: &mut Mistakes) {
    if let Some(at) = field.get() {
        mistakes.add(
            at.span,
            format!("`{key}` means nothing on a sweep"),
            "does not go with it",
            format!("leave `{key}` out"),
        );
    }
}
