//! The unit of a metric, which says whether there is such a metric.

use plimsoll_workload::Unit;

use crate::evidence::{METRICS, Part, metric_info, part_metric};
use crate::scenario::Variant;
use crate::scenario::error::{Mistakes, suggestion};
use crate::scenario::read::At;
use crate::scenario::source::shown;

use super::super::targets::Known;

/// The unit of a metric, as far as it is known; an unknown name is reported.
pub(in crate::scenario::check) fn metric_unit(
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
