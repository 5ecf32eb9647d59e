//! The matrix: every variant crossed with every combination of values.

use serde_json::Value;

use crate::scenario::catalog::WorkloadInfo;
use crate::scenario::document::ScenarioDoc;
use crate::scenario::error::{Mistakes, suggestion};
use crate::scenario::read::{At, Json};
use crate::scenario::source::{Span, shown};
use crate::scenario::units;
use crate::scenario::{Allocator, Variant};

use super::names::Families;
use super::params::{known_params, param_mismatch};
use super::variants::{Written, check_threads};

/// Variants after the matrix at most.
const MOST_VARIANTS: usize = 256;

/// One setting of an axis.
#[derive(Debug, Clone)]
enum Setting {
    Allocator(Allocator),
    Threads(usize),
    Budget(u64),
    Param(String, Value),
}

/// An axis: its settings, each with the suffix that it gives to ids.
type Axis = Vec<(String, Setting)>;

/// Crosses the variants with the matrix.
pub(crate) fn expand(
    doc: &ScenarioDoc,
    written: Vec<Written>,
    info: Option<&WorkloadInfo>,
    mistakes: &mut Mistakes,
) -> (Vec<Variant>, Families) {
    let mut axes: Vec<Axis> = Vec::new();
    let entries = doc
        .matrix
        .value()
        .map(|m| m.0.as_slice())
        .unwrap_or_default();
    for (key, values) in entries {
        if let Some(axis) = check_axis(&key.name, key.span, values, info, mistakes) {
            axes.push(axis);
        }
    }
    let combinations = axes
        .iter()
        .try_fold(written.len(), |n, axis| n.checked_mul(axis.len()))
        .unwrap_or(usize::MAX);
    if combinations > MOST_VARIANTS {
        let matrix = doc.matrix.get().filter(|_| !axes.is_empty());
        let span = matrix
            .map(|at| at.span)
            .or(doc.variants.get().map(|at| at.span))
            .unwrap_or_default();
        mistakes.add(
            span,
            format!("there are {combinations} variants, all combinations counted"),
            "too many",
            format!("at most {MOST_VARIANTS}"),
        );
        axes.clear();
    }
    let mut families = Families::default();
    let mut variants = Vec::new();
    for Written { variant, span } in written {
        let mut members = vec![variant.clone()];
        for axis in &axes {
            members = members
                .iter()
                .flat_map(|member| {
                    axis.iter()
                        .map(|(suffix, setting)| apply(member, suffix, setting))
                })
                .collect();
        }
        for (index, member) in members.iter_mut().enumerate() {
            member.baseline &= index == 0;
            if !axes.is_empty() && member.id.len() > 200 {
                mistakes.add(
                    span,
                    format!("the matrix makes `{}` of this id", shown(&member.id)),
                    "becomes too long",
                    "at most 200 characters after the matrix".to_owned(),
                );
            }
        }
        families
            .members
            .push((variant.id, members.iter().map(|m| m.id.clone()).collect()));
        variants.extend(members);
    }
    (variants, families)
}

fn apply(variant: &Variant, suffix: &str, setting: &Setting) -> Variant {
    let mut made = variant.clone();
    made.id = format!("{}+{suffix}", variant.id);
    match setting {
        Setting::Allocator(allocator) => made.allocator = Some(*allocator),
        Setting::Threads(threads) => made.threads = Some(*threads),
        Setting::Budget(budget) => made.budget = Some(*budget),
        Setting::Param(name, value) => {
            made.params.insert(name.clone(), value.clone());
        }
    }
    made
}

fn check_axis(
    name: &str,
    span: Span,
    values: &At<Vec<At<Json>>>,
    info: Option<&WorkloadInfo>,
    mistakes: &mut Mistakes,
) -> Option<Axis> {
    if values.value.is_empty() {
        mistakes.add(
            values.span,
            format!("`{}` has no values to cross with", shown(name)),
            "empty",
            "give it values, or leave it out".to_owned(),
        );
        return None;
    }
    let param = name.strip_prefix("params.").unwrap_or(name);
    let reserved = param == name && matches!(name, "allocator" | "threads" | "budget");
    if !reserved && let Some(info) = info {
        let mut valid = known_params(info);
        if !valid.is_empty() && !valid.contains(&param) {
            if param == name {
                valid.extend(["allocator", "threads", "budget"]);
            }
            mistakes.add(
                span,
                format!("the matrix cannot cross with `{}`", shown(name)),
                "neither a setting nor a parameter",
                suggestion(param, "what it crosses with", valid.iter().copied()),
            );
            return None;
        }
    }
    let mut axis: Axis = Vec::new();
    for at in &values.value {
        let Some((suffix, setting)) = check_setting(name, param, reserved, at, info, mistakes)
        else {
            continue;
        };
        if axis.iter().any(|(taken, _)| *taken == suffix) {
            mistakes.add(
                at.span,
                format!("`{}` is written twice", shown(&suffix)),
                "the second time",
                "keep one of them".to_owned(),
            );
            continue;
        }
        axis.push((suffix, setting));
    }
    Some(axis).filter(|axis| !axis.is_empty())
}

fn check_setting(
    name: &str,
    param: &str,
    reserved: bool,
    at: &At<Json>,
    info: Option<&WorkloadInfo>,
    mistakes: &mut Mistakes,
) -> Option<(String, Setting)> {
    let value = &at.value.0;
    let text = match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    if !reserved {
        if let Some(expected) = info.and_then(|info| param_mismatch(info, param, value)) {
            mistakes.add(
                at.span,
                format!("parameter `{}` is {expected}", shown(param)),
                "this is not",
                None,
            );
            return None;
        }
        let suffix: String = format!("{param}={text}").split_whitespace().collect();
        let fit = |c: char| c.is_ascii_alphanumeric() || "-_.=".contains(c);
        if suffix.len() > 60 || !suffix.chars().all(fit) {
            mistakes.add(
                at.span,
                format!("`{}` cannot be part of a variant's id", shown(&text)),
                "unfit for a file name",
                "write one variant for each value instead, with an id of its own".to_owned(),
            );
            return None;
        }
        return Some((suffix, Setting::Param(param.to_owned(), value.clone())));
    }
    let setting = match name {
        "allocator" => match Allocator::ALL.into_iter().find(|one| one.name() == text) {
            Some(allocator) => Some(Setting::Allocator(allocator)),
            None => {
                mistakes.add(
                    at.span,
                    format!("`{}` is not an allocator", shown(&text)),
                    "unknown",
                    suggestion(&text, "valid", Allocator::ALL.map(Allocator::name)),
                );
                return None;
            }
        },
        "threads" => {
            let threads = value.as_u64().unwrap_or(0);
            return check_threads(threads, at.span, mistakes)
                .map(|threads| (format!("threads={threads}"), Setting::Threads(threads)));
        }
        _ => match units::bytes(&text) {
            Ok(budget) => Some(Setting::Budget(budget)),
            Err(error) => {
                mistakes.add(at.span, error.message, error.label, error.help);
                None
            }
        },
    };
    let suffix = match name {
        "allocator" => text,
        _ => format!("{name}={}", text.split_whitespace().collect::<String>()),
    };
    setting.map(|setting| (suffix, setting))
}
