//! What all expectations on sweeps ask: which sweeps they look at, and whether those can tell.

use plimsoll_workload::Unit;

use crate::scenario::error::{Mistakes, listed};
use crate::scenario::forms::BoundDoc;
use crate::scenario::read::{At, Field};
use crate::scenario::source::{Span, shown};
use crate::scenario::units::Quantity;
use crate::scenario::{Bound, FEWEST_SIZES, Place, Sweep};

use super::super::sizes::SMOKE;
use super::super::targets::Known;

/// The sweeps that a target looks at; `sizes` become theirs where the target names none.
pub(super) fn relevant<'a>(
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
pub(super) fn swept_there(sweep: &Sweep, variants: &[String], span: Span, mistakes: &mut Mistakes) {
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
pub(super) fn fits(sweep: &Sweep, span: Span, mistakes: &mut Mistakes) {
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

/// A number without a unit.
pub(super) fn plain(bound: &At<BoundDoc>, mistakes: &mut Mistakes) -> Option<f64> {
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
pub(super) fn refuse<T>(field: &Field<T>, key: &str, mistakes: &mut Mistakes) {
    if let Some(at) = field.get() {
        mistakes.add(
            at.span,
            format!("`{key}` means nothing on a sweep"),
            "does not go with it",
            format!("leave `{key}` out"),
        );
    }
}
