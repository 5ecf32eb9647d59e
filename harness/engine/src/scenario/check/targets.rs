//! Targets: what is expected, of which variants, at which sizes.

use crate::scenario::catalog::WorkloadInfo;
use crate::scenario::document::TargetDoc;
use crate::scenario::error::Mistakes;
use crate::scenario::read::{At, Field};
use crate::scenario::{FLOOR, Size, Sweep, Target, Variant};

use super::expect::{Expected, at_place, equals, growth, identical, metric, outcome};
use super::names::{Families, check_sizes};

/// What targets are checked against.
pub(crate) struct Known<'a> {
    /// Variants after the matrix.
    pub(crate) variants: &'a [Variant],
    /// What names stand for.
    pub(crate) families: &'a Families,
    /// The sizes.
    pub(crate) sizes: &'a [Size],
    /// The sweeps.
    pub(crate) sweeps: &'a [Sweep],
    /// The workload's description.
    pub(crate) info: Option<&'a WorkloadInfo>,
}

impl Known<'_> {
    /// The baseline's id.
    pub(super) fn baseline(&self) -> Option<&str> {
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
        ("growth", doc.growth.is_absent()),
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
    let mut sizes = doc
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
            "a target has one of `metric`, `growth`, `identical`, `equals` or `outcome`".to_owned(),
        );
        return None;
    };
    refuse_strays(doc, kind, mistakes);
    refuse_conditions_of_a_floor(doc, mistakes);
    let Expected {
        expectation,
        variants,
        mut label,
    } = match kind {
        "metric" if !doc.at.is_absent() => at_place(at, named, known, &mut sizes, mistakes)?,
        "growth" => growth(at, named, known, &mut sizes, mistakes)?,
        "metric" => metric(at, named, known, mistakes)?,
        "identical" => identical(doc, known, mistakes)?,
        "equals" => equals(doc, named, known, mistakes)?,
        _ => outcome(at, named, mistakes)?,
    };
    if let Some(cap) = doc.under.get() {
        let cap = cap.value.memory.value()?;
        label += &format!(" under {}", plimsoll_workload::Bytes(cap.0));
    }
    let gate = doc.gate.value().copied().unwrap_or(true);
    if !gate {
        label += ", for information";
    }
    Some(Target {
        expectation,
        variants,
        sizes,
        under,
        gate,
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
pub(super) enum Named {
    /// Nothing.
    Absent,
    /// Something wrong, and reported.
    Bad,
    /// These ids, and the names as written.
    These(Vec<String>, String),
}

/// Reports keys that do not go with the kind of the target.
fn refuse_strays(doc: &TargetDoc, kind: &str, mistakes: &mut Mistakes) {
    let keys = [
        ("at_most", "metric", doc.at_most.get().map(|at| at.span)),
        ("at_least", "metric", doc.at_least.get().map(|at| at.span)),
        ("aggregate", "metric", doc.aggregate.get().map(|at| at.span)),
        ("at", "metric", doc.at.get().map(|at| at.span)),
        ("exponent", "growth", doc.exponent.get().map(|at| at.span)),
        ("over", "growth", doc.over.get().map(|at| at.span)),
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

/// Reports keys that mean nothing for the floor, which is searched for under caps of its own.
fn refuse_conditions_of_a_floor(doc: &TargetDoc, mistakes: &mut Mistakes) {
    if doc.metric.value().is_none_or(|metric| metric != FLOOR) {
        return;
    }
    let keys = [
        ("under", doc.under.get().map(|at| at.span)),
        ("aggregate", doc.aggregate.get().map(|at| at.span)),
    ];
    for (key, span) in keys {
        if let Some(span) = span {
            mistakes.add(
                span,
                format!("`{key}` says nothing about `{FLOOR}`, which is one interval of caps"),
                "does not go with it",
                format!("leave `{key}` out"),
            );
        }
    }
}
