//! The four kinds of expectation: a metric within bounds, identity, known values, an outcome.

use std::collections::BTreeMap;

use plimsoll_workload::Unit;

use crate::evidence::{METRICS, Part, metric_info, part_metric};
use crate::scenario::catalog::WorkloadInfo;
use crate::scenario::document::TargetDoc;
use crate::scenario::error::{Mistakes, suggestion};
use crate::scenario::forms::BoundDoc;
use crate::scenario::read::{At, Field};
use crate::scenario::source::{Span, shown};
use crate::scenario::{Bound, Expectation, Variant, units};

use super::targets::{Known, Named};

/// What labels call all variants together.
const EVERY: &str = "every variant";

/// An expectation that was read.
pub(super) struct Expected {
    pub(super) expectation: Expectation,
    /// The variants it binds.
    pub(super) variants: Vec<String>,
    /// In words.
    pub(super) label: String,
}

pub(super) fn metric(
    at: &At<TargetDoc>,
    named: Named,
    known: &Known<'_>,
    mistakes: &mut Mistakes,
) -> Option<Expected> {
    let doc = &at.value;
    let metric = doc.metric.get()?;
    let unit = metric_unit(metric, known, mistakes);
    let (at_most, at_least) = sides(doc, metric, unit, known, mistakes)?;
    let (mut variants, names) = require(named, "metric", metric.span, mistakes)?;
    let relative = [at_most, at_least]
        .iter()
        .any(|bound| matches!(bound, Some(Bound::Baseline(_))));
    if relative && let Some(baseline) = known.baseline() {
        variants.retain(|id| id != baseline);
        if variants.is_empty() {
            let span = doc.variant.get().map(|at| at.span).unwrap_or(at.span);
            mistakes.add(
                span,
                format!("`{}` is the baseline itself", shown(baseline)),
                "held against itself",
                "name another variant, or write the bound in the metric's unit".to_owned(),
            );
            return None;
        }
    }
    let mut bounds = Vec::new();
    for (sign, field) in [("<=", &doc.at_most), (">=", &doc.at_least)] {
        if let Some(bound) = field.value() {
            bounds.push(format!("{sign} {}", bound.text));
        }
    }
    let label = format!(
        "{} of {names} {}",
        shown(&metric.value),
        bounds.join(" and ")
    );
    let expectation = Expectation::Metric {
        metric: metric.value.clone(),
        at_most,
        at_least,
        aggregate: doc.aggregate.value().copied(),
    };
    Some(Expected {
        expectation,
        variants,
        label,
    })
}

/// Both sides of a metric's bounds, of which there is at least one.
pub(super) fn sides(
    doc: &TargetDoc,
    metric: &At<String>,
    unit: Option<Unit>,
    known: &Known<'_>,
    mistakes: &mut Mistakes,
) -> Option<(Option<Bound>, Option<Bound>)> {
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
    Some((at_most, at_least))
}

/// The unit of a metric, as far as it is known; an unknown name is reported.
pub(super) fn metric_unit(
    metric: &At<String>,
    known: &Known<'_>,
    mistakes: &mut Mistakes,
) -> Option<Unit> {
    let name = metric.value.as_str();
    if let Some(own) = metric_info(name) {
        return Some(own.unit);
    }
    if let Some(own) = part_metric(name) {
        if own.part == Part::Step {
            check_step(own.name, metric, known, mistakes);
        }
        return Some(own.unit);
    }
    let parts = [
        (
            "phase.",
            "phases have `phase.NAME.wall` and `phase.NAME.peak_rss`",
        ),
        (
            "step.",
            "steps have `step.NAME.wall`, `step.NAME.cpu` and `step.NAME.peak_rss`",
        ),
    ];
    if let Some((prefix, help)) = parts.iter().find(|(prefix, _)| name.starts_with(prefix)) {
        let part = prefix.trim_end_matches('.');
        mistakes.add(
            metric.span,
            format!("`{}` is not a metric of a {part}", shown(name)),
            "unknown metric",
            (*help).to_owned(),
        );
        return None;
    }
    let info = known.info;
    let reported = info.and_then(|info| info.metrics.as_deref())?;
    if let Some((_, unit)) = reported.iter().find(|(reported, _)| reported == name) {
        return Some(*unit);
    }
    let valid: Vec<&str> = METRICS
        .iter()
        .map(|metric| metric.name)
        .chain(reported.iter().map(|(name, _)| name.as_str()))
        .collect();
    mistakes.add(
        metric.span,
        format!("no metric `{}`", shown(name)),
        "unknown metric",
        suggestion(name, "the metrics", valid.iter().copied()),
    );
    None
}

/// Reports a step that no variant has.
fn check_step(step: &str, metric: &At<String>, known: &Known<'_>, mistakes: &mut Mistakes) {
    let is_workload = |variant: &Variant| variant.command.is_none();
    if known.info.is_none() && known.variants.iter().all(is_workload) {
        // Why the workload cannot be asked was reported.
        return;
    }
    let steps = known
        .variants
        .iter()
        .flat_map(|variant| variant.steps(known.info));
    let mut names: Vec<&str> = steps.filter(|name| !name.is_empty()).collect();
    names.sort_unstable();
    names.dedup();
    if names.contains(&step) {
        return;
    }
    let help = match names.is_empty() {
        true => "only variants with several steps have such metrics".to_owned(),
        false => suggestion(step, "the steps", names.iter().copied()),
    };
    mistakes.add(
        metric.span,
        format!("no variant has a step `{}`", shown(step)),
        "unknown step",
        help,
    );
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

pub(super) fn identical(
    doc: &TargetDoc,
    known: &Known<'_>,
    mistakes: &mut Mistakes,
) -> Option<Expected> {
    let list = doc.identical.get()?;
    let before = mistakes.len();
    let variants = known.families.resolve_all(&list.value, mistakes);
    if variants.len() < 2 {
        if mistakes.len() == before {
            mistakes.add(
                list.span,
                "identity needs at least two variants",
                "what should be identical",
                "name the variants whose output must be the same".to_owned(),
            );
        }
        return None;
    }
    if let Some(digest) = doc.digest.get() {
        check_digest(digest, known.info, mistakes);
    }
    let digest = doc.digest.value().cloned();
    let names: Vec<&str> = list.value.iter().map(|name| name.value.as_str()).collect();
    let names = match variants.len() == known.variants.len() {
        true => EVERY.to_owned(),
        false => names.join(", "),
    };
    let what = digest.as_deref().map_or("output".to_owned(), shown);
    let label = format!("{what} of {names} identical");
    Some(Expected {
        expectation: Expectation::Identical { digest },
        variants,
        label,
    })
}

fn check_digest(digest: &At<String>, info: Option<&WorkloadInfo>, mistakes: &mut Mistakes) {
    let Some(listed) = info.and_then(|info| info.digests.as_deref()) else {
        return;
    };
    if !listed.contains(&digest.value) {
        mistakes.add(
            digest.span,
            format!("no digest `{}`", shown(&digest.value)),
            "unknown digest",
            suggestion(
                &digest.value,
                "the digests",
                listed.iter().map(String::as_str),
            ),
        );
    }
}

pub(super) fn equals(
    doc: &TargetDoc,
    named: Named,
    known: &Known<'_>,
    mistakes: &mut Mistakes,
) -> Option<Expected> {
    let at = doc.equals.get()?;
    let mut values = BTreeMap::new();
    for (key, value) in &at.value.0 {
        let name = At {
            value: key.name.clone(),
            span: key.span,
        };
        match &value.value.0 {
            serde_json::Value::Number(_) => {
                metric_unit(&name, known, mistakes);
            }
            serde_json::Value::String(_) => check_digest(&name, known.info, mistakes),
            _ => {
                mistakes.add(
                    value.span,
                    format!("`{}` equals a number or a digest", shown(&key.name)),
                    "neither",
                    "as in `orthos: 13314` or `orthos: \"sum64:ded2f17f456edeaf\"`".to_owned(),
                );
                continue;
            }
        }
        values.insert(key.name.clone(), value.value.0.clone());
    }
    if at.value.0.is_empty() {
        mistakes.add(
            at.span,
            "`equals` says no value",
            "empty",
            "as in `equals: { orthos: 13314 }`".to_owned(),
        );
        return None;
    }
    let (variants, names) = match named {
        Named::Absent => (
            known.variants.iter().map(|v| v.id.clone()).collect(),
            EVERY.to_owned(),
        ),
        Named::Bad => return None,
        Named::These(ids, names) => (ids, names),
    };
    let parts: Vec<String> = values
        .iter()
        .map(|(name, value)| match value {
            serde_json::Value::String(text) => format!("{} = {}", shown(name), shown(text)),
            other => format!("{} = {other}", shown(name)),
        })
        .collect();
    let label = format!("{} of {names}", parts.join(", "));
    Some(Expected {
        expectation: Expectation::Equals { values },
        variants,
        label,
    })
}

pub(super) fn outcome(
    at: &At<TargetDoc>,
    named: Named,
    mistakes: &mut Mistakes,
) -> Option<Expected> {
    let outcome = at.value.outcome.get()?;
    let (variants, names) = require(named, "outcome", outcome.span, mistakes)?;
    let expectation = Expectation::Outcome {
        outcome: outcome.value,
    };
    Some(Expected {
        expectation,
        variants,
        label: format!("{names} ends {}", outcome.value),
    })
}

pub(super) fn require(
    named: Named,
    kind: &str,
    span: Span,
    mistakes: &mut Mistakes,
) -> Option<(Vec<String>, String)> {
    match named {
        Named::These(ids, names) => Some((ids, names)),
        Named::Bad => None,
        Named::Absent => {
            mistakes.add(
                span,
                "the target names no variant",
                format!("whose {kind}?"),
                "add `variant: ID` or `variants: [ID, ID]`".to_owned(),
            );
            None
        }
    }
}
