//! What holds or does not, without a bound: identity, known values, an outcome.

use std::collections::BTreeMap;

use crate::scenario::Expectation;
use crate::scenario::catalog::WorkloadInfo;
use crate::scenario::document::TargetDoc;
use crate::scenario::error::{Mistakes, suggestion};
use crate::scenario::read::At;
use crate::scenario::source::shown;

use super::super::targets::{Known, Named};
use super::expected::{EVERY, Expected, require};
use super::unit::metric_unit;

pub(in crate::scenario::check) fn identical(
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

pub(in crate::scenario::check) fn equals(
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

pub(in crate::scenario::check) fn outcome(
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
