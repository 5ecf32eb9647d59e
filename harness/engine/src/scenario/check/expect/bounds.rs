//! The bounds of a metric: in its unit, or as multiples of the baseline's figure.

use plimsoll_workload::Unit;

use crate::scenario::document::TargetDoc;
use crate::scenario::error::Mistakes;
use crate::scenario::forms::BoundDoc;
use crate::scenario::read::{At, Field};
use crate::scenario::source::{Span, shown};
use crate::scenario::{Bound, units};

use super::super::targets::Known;

/// Both sides of a metric's bounds.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds {
    pub(super) at_most: Option<Bound>,
    pub(super) at_least: Option<Bound>,
}

impl Bounds {
    /// The baseline, where one of them is a multiple of its figure.
    pub(super) fn relative_to<'a>(self, known: &'a Known<'_>) -> Option<&'a str> {
        let mut sides = [self.at_most, self.at_least].into_iter().flatten();
        let relative = sides.any(|bound| bound.is_relative());
        known.baseline().filter(|_| relative)
    }
}

/// The bounds that a target sets, of which there is at least one.
pub(super) fn bounds(
    doc: &TargetDoc,
    metric: &At<String>,
    unit: Option<Unit>,
    known: &Known<'_>,
    mistakes: &mut Mistakes,
) -> Option<Bounds> {
    if doc.at_most.is_absent() && doc.at_least.is_absent() {
        mistakes.add(
            metric.span,
            format!("`{}` has no bound", shown(&metric.value)),
            "this metric",
            "add `at_most:`, `at_least:` or both".to_owned(),
        );
        return None;
    }
    let at_most = bound(&doc.at_most, metric, unit, known, mistakes);
    let at_least = bound(&doc.at_least, metric, unit, known, mistakes);
    if let (Some(Bound::Absolute { value: most, .. }), Some(Bound::Absolute { value: least, .. })) =
        (at_most, at_least)
        && least > most
    {
        let span = doc.at_least.get().map_or(metric.span, |at| at.span);
        mistakes.add(
            span,
            "nothing is at least this and at most that",
            "above `at_most`",
            "exchange the two".to_owned(),
        );
    }
    Some(Bounds { at_most, at_least })
}

fn bound(
    field: &Field<BoundDoc>,
    metric: &At<String>,
    unit: Option<Unit>,
    known: &Known<'_>,
    mistakes: &mut Mistakes,
) -> Option<Bound> {
    let at = field.get()?;
    match at.value.quantity.bound(unit) {
        Ok(Bound::Baseline(_)) if known.baseline().is_none() => {
            mistakes.add(
                at.span,
                "there is no baseline to be a multiple of",
                "needs a baseline",
                "mark one variant with `baseline: true`, or write the bound in the metric's unit"
                    .to_owned(),
            );
            None
        }
        Ok(bound) => Some(bound),
        Err(message) => {
            mistakes.add(
                at.span,
                format!("`{}` is {message}", shown(&metric.value)),
                "wrong unit",
                unit.map(|unit| format!("write {}", units::expected(unit))),
            );
            None
        }
    }
}

/// Leaves the baseline, which is not held against itself, out of the variants; reports it where no other is left.
pub(super) fn leave_out(
    baseline: &str,
    variants: &mut Vec<String>,
    at: &At<TargetDoc>,
    mistakes: &mut Mistakes,
) -> Option<()> {
    variants.retain(|id| id != baseline);
    if variants.is_empty() {
        mistakes.add(
            whose(at),
            format!("`{}` is the baseline itself", shown(baseline)),
            "held against itself",
            "name another variant, or write the bound in the metric's unit".to_owned(),
        );
        return None;
    }
    Some(())
}

/// Where a target says which variant it binds.
pub(super) fn whose(at: &At<TargetDoc>) -> Span {
    at.value.variant.get().map_or(at.span, |at| at.span)
}

/// Bounds as they were written: `<= 1.1 x and >= 0.9 x`.
pub(super) fn written(at_most: Option<&str>, at_least: Option<&str>) -> String {
    let sides = [("<=", at_most), (">=", at_least)].into_iter();
    let sides = sides.filter_map(|(sign, bound)| Some(format!("{sign} {}", bound?)));
    sides.collect::<Vec<_>>().join(" and ")
}

/// The bounds of a target as they were written.
pub(super) fn in_words(doc: &TargetDoc) -> String {
    written(
        doc.at_most.value().map(|bound| bound.text.as_str()),
        doc.at_least.value().map(|bound| bound.text.as_str()),
    )
}
