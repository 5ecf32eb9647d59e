//! Targets: what is expected, of which variants, at which sizes.

use std::collections::BTreeMap;

use plimsoll_workload::Unit;

use crate::evidence::{METRICS, metric_info};
use crate::scenario::catalog::WorkloadInfo;
use crate::scenario::document::TargetDoc;
use crate::scenario::error::{Mistakes, suggestion};
use crate::scenario::forms::BoundDoc;
use crate::scenario::read::{At, Field};
use crate::scenario::source::{Span, shown};
use crate::scenario::{Bound, Expectation, Size, Target, Variant, units};

use super::names::{Families, check_sizes};

/// What targets are checked against.
pub(crate) struct Known<'a> {
    /// Variants after the matrix.
    pub(crate) variants: &'a [Variant],
    /// What names stand for.
    pub(crate) families: &'a Families,
    /// The sizes.
    pub(crate) sizes: &'a [Size],
    /// The workload's description.
    pub(crate) info: Option<&'a WorkloadInfo>,
}

impl Known<'_> {
    fn baseline(&self) -> Option<&str> {
        self.variants
            .iter()
            .find(|variant| variant.baseline)
            .map(|variant| variant.id.as_str())
    }
}

/// Reads all targets.
pub(crate) fn check_targets(
    docs: &[At<TargetDoc>],
    known: &Known<'_>,
    mistakes: &mut Mistakes,
) -> Vec<Target> {
    docs.iter()
        .filter_map(|at| check_target(at, known, mistakes))
        .collect()
}

fn check_target(at: &At<TargetDoc>, known: &Known<'_>, mistakes: &mut Mistakes) -> Option<Target> {
    let doc = &at.value;
    let kinds = [
        ("metric", doc.metric.is_absent()),
        ("identical", doc.identical.is_absent()),
        ("equals", doc.equals.is_absent()),
        ("outcome", doc.outcome.is_absent()),
    ];
    let given: Vec<&str> = kinds
        .iter()
        .filter(|(_, absent)| !absent)
        .map(|(name, _)| *name)
        .collect();
    // The other parts are checked first, so that all mistakes of a target are told at once.
    let named = check_named(at, known, mistakes);
    let sizes = doc
        .sizes
        .value()
        .map(|names| check_sizes(names, known.sizes, mistakes))
        .unwrap_or_default();
    if let Some(names) = doc.sizes.get().filter(|names| names.value.is_empty()) {
        mistakes.add(
            names.span,
            "a target for no size is never judged",
            "empty",
            "leave `sizes` out for all of them".to_owned(),
        );
    }
    let under = doc
        .under
        .get()
        .and_then(|at| at.value.memory.value())
        .map(|size| size.0);
    let &[kind] = given.as_slice() else {
        let message = match given.as_slice() {
            [] => "the target expects nothing".to_owned(),
            several => format!("the target expects several things: {}", several.join(", ")),
        };
        mistakes.add(
            at.span,
            message,
            "this target",
            "a target has one of `metric`, `identical`, `equals` or `outcome`".to_owned(),
        );
        return None;
    };
    refuse_strays(doc, kind, mistakes);
    let (expectation, variants, what) = match kind {
        "metric" => metric(at, named, known, mistakes)?,
        "identical" => identical(doc, known, mistakes)?,
        "equals" => equals(doc, named, known, mistakes)?,
        _ => outcome(at, named, mistakes)?,
    };
    let mut label = what;
    if let Some(cap) = doc.under.get() {
        let cap = cap.value.memory.value()?;
        label += &format!(" under {}", plimsoll_workload::Bytes(cap.0));
    }
    Some(Target {
        expectation,
        variants,
        sizes,
        under,
        label,
        line: mistakes.line(at.span),
    })
}

/// The variants that `variant` or `variants` names: none given, or those that are right.
fn check_named(at: &At<TargetDoc>, known: &Known<'_>, mistakes: &mut Mistakes) -> Named {
    let doc = &at.value;
    match (&doc.variant, &doc.variants) {
        (Field::Absent, Field::Absent) => Named::Absent,
        (Field::Given(_), Field::Given(several)) => {
            mistakes.add(
                several.span,
                "the target has both `variant` and `variants`",
                "the second of them",
                "keep one of them".to_owned(),
            );
            Named::Bad
        }
        (Field::Given(one), _) => match known.families.resolve(one, mistakes) {
            Some(ids) => Named::These(ids, one.value.clone()),
            None => Named::Bad,
        },
        (_, Field::Given(several)) => {
            let ids = known.families.resolve_all(&several.value, mistakes);
            if several.value.is_empty() {
                mistakes.add(
                    several.span,
                    "the target names no variant",
                    "empty",
                    "name at least one".to_owned(),
                );
            }
            let names: Vec<&str> = several.value.iter().map(|n| n.value.as_str()).collect();
            match ids.is_empty() {
                true => Named::Bad,
                false => Named::These(ids, names.join(", ")),
            }
        }
        _ => Named::Bad,
    }
}

/// What a target says about variants.
enum Named {
    /// Nothing.
    Absent,
    /// Something wrong, and reported.
    Bad,
    /// These ids, and the names as written.
    These(Vec<String>, String),
}

type Read = (Expectation, Vec<String>, String);

fn metric(
    at: &At<TargetDoc>,
    named: Named,
    known: &Known<'_>,
    mistakes: &mut Mistakes,
) -> Option<Read> {
    let doc = &at.value;
    let metric = doc.metric.get()?;
    let unit = metric_unit(metric, known.info, mistakes);
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
    Some((expectation, variants, label))
}

/// The unit of a metric, as far as it is known; an unknown name is reported.
fn metric_unit(
    metric: &At<String>,
    info: Option<&WorkloadInfo>,
    mistakes: &mut Mistakes,
) -> Option<Unit> {
    let name = metric.value.as_str();
    if let Some(own) = metric_info(name) {
        return Some(own.unit);
    }
    let phase = name.strip_prefix("phase.");
    if let Some(phase) = phase {
        return match phase.rsplit_once('.') {
            Some((phase, "wall")) if !phase.is_empty() => Some(Unit::Seconds),
            Some((phase, "peak_rss")) if !phase.is_empty() => Some(Unit::Bytes),
            _ => {
                mistakes.add(
                    metric.span,
                    format!("`{}` is not a metric of a phase", shown(name)),
                    "unknown metric",
                    "phases have `phase.NAME.wall` and `phase.NAME.peak_rss`".to_owned(),
                );
                None
            }
        };
    }
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

fn identical(doc: &TargetDoc, known: &Known<'_>, mistakes: &mut Mistakes) -> Option<Read> {
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
    let what = digest.as_deref().map_or("output".to_owned(), shown);
    let label = format!("{what} of {} identical", names.join(", "));
    Some((Expectation::Identical { digest }, variants, label))
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

fn equals(
    doc: &TargetDoc,
    named: Named,
    known: &Known<'_>,
    mistakes: &mut Mistakes,
) -> Option<Read> {
    let at = doc.equals.get()?;
    let mut values = BTreeMap::new();
    for (key, value) in &at.value.0 {
        let name = At {
            value: key.name.clone(),
            span: key.span,
        };
        match &value.value.0 {
            serde_json::Value::Number(_) => {
                metric_unit(&name, known.info, mistakes);
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
            "every variant".to_owned(),
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
    Some((Expectation::Equals { values }, variants, label))
}

fn outcome(at: &At<TargetDoc>, named: Named, mistakes: &mut Mistakes) -> Option<Read> {
    let outcome = at.value.outcome.get()?;
    let (variants, names) = require(named, "outcome", outcome.span, mistakes)?;
    let expectation = Expectation::Outcome {
        outcome: outcome.value,
    };
    Some((
        expectation,
        variants,
        format!("{names} ends {}", outcome.value),
    ))
}

fn require(
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

/// Reports keys that do not go with the kind of the target.
fn refuse_strays(doc: &TargetDoc, kind: &str, mistakes: &mut Mistakes) {
    let keys = [
        ("at_most", "metric", doc.at_most.get().map(|at| at.span)),
        ("at_least", "metric", doc.at_least.get().map(|at| at.span)),
        ("aggregate", "metric", doc.aggregate.get().map(|at| at.span)),
        ("digest", "identical", doc.digest.get().map(|at| at.span)),
    ];
    for (key, of, span) in keys {
        if let Some(span) = span.filter(|_| of != kind) {
            mistakes.add(
                span,
                format!("`{key}` goes with `{of}`, and this target has `{kind}`"),
                "does not go with it",
                format!("leave `{key}` out"),
            );
        }
    }
    if kind == "identical" {
        let stray = doc
            .variant
            .get()
            .map(|at| at.span)
            .or(doc.variants.get().map(|at| at.span));
        if let Some(span) = stray {
            mistakes.add(
                span,
                "`identical` lists its variants itself",
                "a second list",
                "leave it out".to_owned(),
            );
        }
    }
}
