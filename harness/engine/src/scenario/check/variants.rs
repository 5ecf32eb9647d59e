//! Variants as written: ids, implementations, overrides.

use std::collections::BTreeMap;

use crate::scenario::Variant;
use crate::scenario::catalog::WorkloadInfo;
use crate::scenario::document::VariantDoc;
use crate::scenario::error::{Mistakes, suggestion};
use crate::scenario::read::{At, Entries};
use crate::scenario::source::{Span, shown};

use super::command::{check_command, refuse_command_keys};
use super::kill::check_kills;
use super::names::{check_name, check_text};
use super::params::check_params;
use super::sizes::check_runs;

/// Threads at most; more is a slip.
const MOST_THREADS: u64 = 4_096;

/// What variants are checked against.
pub(crate) struct Surroundings<'a> {
    /// True where the scenario names a workload, described or not.
    pub(crate) workload: bool,
    /// The workload's description.
    pub(crate) info: Option<&'a WorkloadInfo>,
}

/// A variant and where it stands.
pub(crate) struct Written {
    /// The variant, before the matrix.
    pub(crate) variant: Variant,
    /// Its id's place.
    pub(crate) span: Span,
}

/// Reads all variants; those whose id is missing or taken are left out.
pub(crate) fn check_variants(
    docs: &[At<VariantDoc>],
    surroundings: &Surroundings<'_>,
    mistakes: &mut Mistakes,
) -> Vec<Written> {
    let mut written: Vec<Written> = Vec::new();
    let mut baseline: Option<String> = None;
    for at in docs {
        let doc = &at.value;
        let Some(id) = doc.id.get() else { continue };
        check_name("the variant's id", id, mistakes);
        if written.iter().any(|w| w.variant.id == id.value) {
            mistakes.add(
                id.span,
                format!("there are two variants `{}`", shown(&id.value)),
                "the second one",
                "give each variant an id of its own; `implementation` may be the same".to_owned(),
            );
            continue;
        }
        let variant = check_variant(at, id, surroundings, mistakes);
        if variant.baseline {
            let span = doc.baseline.get().map_or(id.span, |at| at.span);
            match &baseline {
                Some(first) => mistakes.add(
                    span,
                    format!("`{}` is the baseline already", shown(first)),
                    "a second baseline",
                    "one variant at most is the baseline".to_owned(),
                ),
                None => baseline = Some(id.value.clone()),
            }
        }
        written.push(Written {
            variant,
            span: id.span,
        });
    }
    written
}

fn check_variant(
    at: &At<VariantDoc>,
    id: &At<String>,
    surroundings: &Surroundings<'_>,
    mistakes: &mut Mistakes,
) -> Variant {
    let doc = &at.value;
    let command = check_command(doc, mistakes);
    let says_nothing = doc.command.is_absent() && doc.steps.is_absent();
    let given = doc.command.get().map(|at| at.span);
    match given.or(doc.steps.get().map(|at| at.span)) {
        None if says_nothing && !surroundings.workload => mistakes.add(
            id.span,
            format!("variant `{}` says nothing to run", shown(&id.value)),
            "no command",
            "add `command:` or `steps:` to it, or name a `workload:` for the scenario".to_owned(),
        ),
        Some(span) if surroundings.workload => mistakes.add(
            span,
            "a scenario with a `workload` has no commands",
            "a command",
            "move it to a scenario of its own, or leave `workload` out and make every variant a command".to_owned(),
        ),
        _ => {}
    }
    if says_nothing {
        refuse_command_keys(doc, mistakes);
    }
    let implementation = check_implementation(doc, id, surroundings, mistakes);
    let kills = check_kills(doc, &implementation, surroundings.info, mistakes);
    let none = Entries::default();
    Variant {
        id: id.value.clone(),
        about: doc
            .about
            .get()
            .map(|about| check_text("the variant's `about`", about, mistakes))
            .unwrap_or_default(),
        baseline: doc.baseline.value().copied().unwrap_or(false),
        implementation,
        command,
        params: check_params(
            doc.params.value().unwrap_or(&none),
            surroundings.info,
            mistakes,
        ),
        threads: doc
            .threads
            .get()
            .and_then(|at| check_threads(at.value, at.span, mistakes)),
        budget: doc.budget.value().map(|size| size.0),
        env: check_env(doc, mistakes),
        allocator: doc.allocator.value().copied(),
        runs: doc.runs.get().and_then(|at| check_runs(at, mistakes)),
        kills,
    }
}

fn check_implementation(
    doc: &VariantDoc,
    id: &At<String>,
    surroundings: &Surroundings<'_>,
    mistakes: &mut Mistakes,
) -> String {
    let named = doc.implementation.get();
    let is_command = !doc.command.is_absent() || !doc.steps.is_absent();
    if let (Some(named), true) = (named, is_command && !surroundings.workload) {
        mistakes.add(
            named.span,
            "a variant is a command or an implementation of a workload",
            "and this one has both",
            "leave `implementation` out".to_owned(),
        );
    }
    let wanted = named.unwrap_or(id);
    if let Some(info) = surroundings.info
        && info.implementation(&wanted.value).is_none()
    {
        let offered = info.implementations.iter().map(|i| i.id.as_str());
        let mut help = suggestion(&wanted.value, "its implementations", offered);
        if named.is_none() {
            help = format!("{help} (without `implementation`, the id is taken for it)");
        }
        mistakes.add(
            wanted.span,
            format!(
                "workload `{}` has no implementation `{}`",
                info.name,
                shown(&wanted.value)
            ),
            "unknown implementation",
            help,
        );
    }
    wanted.value.clone()
}

/// Threads within reason.
pub(crate) fn check_threads(value: u64, span: Span, mistakes: &mut Mistakes) -> Option<usize> {
    if (1..=MOST_THREADS).contains(&value) {
        return usize::try_from(value).ok();
    }
    mistakes.add(
        span,
        format!("{value} is not a number of threads"),
        "out of range",
        format!("1 to {MOST_THREADS}"),
    );
    None
}

fn check_env(doc: &VariantDoc, mistakes: &mut Mistakes) -> BTreeMap<String, String> {
    let mut env = BTreeMap::new();
    for (key, at) in doc
        .env
        .value()
        .map(|env| env.0.as_slice())
        .unwrap_or_default()
    {
        let problem = if key.name.is_empty() || key.name.contains(['=', '\0']) {
            Some(format!(
                "`{}` cannot be an environment variable",
                shown(&key.name)
            ))
        } else if key.name.starts_with("PLIMSOLL_") {
            Some(format!("`{}` is set by plimsoll itself", shown(&key.name)))
        } else if at.value.contains('\0') {
            Some(format!(
                "the value of `{}` has a NUL character in it",
                shown(&key.name)
            ))
        } else {
            None
        };
        match problem {
            Some(problem) => mistakes.add(key.span, problem, "cannot be set", None),
            None => {
                env.insert(key.name.clone(), at.value.clone());
            }
        }
    }
    env
}
