//! A metric within bounds.

use crate::scenario::Expectation;
use crate::scenario::document::TargetDoc;
use crate::scenario::error::Mistakes;
use crate::scenario::read::At;
use crate::scenario::source::shown;

use super::super::targets::{Known, Named};
use super::bounds::{bounds, in_words, leave_out};
use super::expected::{Expected, require};
use super::unit::metric_unit;

pub(in crate::scenario::check) fn metric(
    at: &At<TargetDoc>,
    named: Named,
    known: &Known<'_>,
    mistakes: &mut Mistakes,
) -> Option<Expected> {
    let doc = &at.value;
    let metric = doc.metric.get()?;
    let unit = metric_unit(metric, known, mistakes);
    let bounds = bounds(doc, metric, unit, known, mistakes)?;
    let (mut variants, names) = require(named, "metric", metric.span, mistakes)?;
    if let Some(baseline) = bounds.relative_to(known) {
        leave_out(baseline, &mut variants, at, mistakes)?;
    }
    let label = format!("{} of {names} {}", shown(&metric.value), in_words(doc));
    let expectation = Expectation::Metric {
        metric: metric.value.clone(),
        at_most: bounds.at_most,
        at_least: bounds.at_least,
        aggregate: doc.aggregate.value().copied(),
    };
    Some(Expected {
        expectation,
        variants,
        label,
    })
}
