//! A metric within bounds at a place of a sweep: at a size, or at a quality.

use crate::scenario::document::TargetDoc;
use crate::scenario::error::{Mistakes, suggestion};
use crate::scenario::forms::BoundDoc;
use crate::scenario::read::At;
use crate::scenario::source::{Span, shown};
use crate::scenario::{Bound, Expectation, FURTHEST, Place, Sweep};

use super::super::targets::{Known, Named};
use super::bounds::{bounds, in_words, leave_out, whose};
use super::expected::{Expected, require};
use super::swept::{fits, plain, refuse, relevant, swept_there};
use super::unit::metric_unit;

/// A metric within bounds at a place of a sweep. `sizes` become those at which it is swept.
pub(in crate::scenario::check) fn at_place(
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
    let bounds = bounds(doc, metric, unit, known, mistakes)?;
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
    let (mut variants, names) = require(named, "metric", metric.span, mistakes)?;
    let place = place(&name, bound, &variants, known, mistakes)?;
    let sweeps = relevant(known, &place, sizes, name.span, mistakes)?;
    for sweep in &sweeps {
        swept_there(sweep, &variants, name.span, mistakes);
        if let Place::Size { value, .. } = place {
            fits(sweep, name.span, mistakes);
            reaches(sweep, value, bound.span, mistakes);
        }
    }
    if let Some(baseline) = bounds.relative_to(known) {
        leave_out(baseline, &mut variants, at, mistakes)?;
        for sweep in &sweeps {
            swept_there(sweep, &[baseline.to_owned()], whose(at), mistakes);
        }
    }
    let label = format!(
        "{} of {names} at {} {} {}",
        shown(&metric.value),
        shown(&name.value),
        bound.value.text,
        in_words(doc)
    );
    Some(Expected {
        expectation: Expectation::At {
            metric: metric.value.clone(),
            place,
            at_most: bounds.at_most,
            at_least: bounds.at_least,
        },
        variants,
        label,
    })
}

/// What a name in `at` stands for: a size that is swept, or the quality of a sweep.
fn place(
    name: &At<String>,
    bound: &At<BoundDoc>,
    variants: &[String],
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
    // Several parameters may trade for one quality, each in variants of its own.
    let with_all = of_quality
        .iter()
        .filter(|sweep| variants.iter().all(|id| sweep.variants.contains(id)));
    let with_all: Vec<&Sweep> = with_all.copied().collect();
    let of_quality = if with_all.is_empty() {
        of_quality
    } else {
        with_all
    };
    let knobs = of_quality.iter().map(|sweep| sweep.parameter.as_str());
    if size.is_some() && !of_quality.is_empty()
        || knobs.clone().any(|knob| Some(knob) != knobs.clone().next())
    {
        mistakes.add(
            name.span,
            format!("`{}` may mean several things here", shown(wanted)),
            "both swept and a quality, or the quality of several sweeps of these variants",
            "name variants that one of them has, or give the parameter another name".to_owned(),
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
