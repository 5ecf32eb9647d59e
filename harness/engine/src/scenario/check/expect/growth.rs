//! The exponent of a metric's growth within bounds.

use crate::scenario::document::TargetDoc;
use crate::scenario::error::{Mistakes, listed, suggestion};
use crate::scenario::forms::BoundDoc;
use crate::scenario::read::{At, Field};
use crate::scenario::source::shown;
use crate::scenario::{Expectation, Place};

use super::super::targets::{Known, Named};
use super::bounds::written;
use super::expected::{Expected, require};
use super::swept::{fits, plain, refuse, relevant, swept_there};
use super::unit::metric_unit;

/// The exponent of a metric's growth within bounds.
pub(in crate::scenario::check) fn growth(
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
    let bounds = written(
        at_most.as_ref().map(|(_, text)| text.as_str()),
        at_least.as_ref().map(|(_, text)| text.as_str()),
    );
    let label = format!(
        "{} of {names} grows as {}^k, k {bounds}",
        shown(&metric.value),
        shown(&parameter)
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
