//! The targets that are judged, and what they need to be measured.

use plimsoll_workload::Unit;

use super::super::{PlanRequest, PlannedVariant};
use crate::evidence::{Part, PartFigure, metric_info, part_metric};
use crate::scenario::check::SMOKE;
use crate::scenario::{Bound, Expectation, FLOOR, Scenario, Size, Target, Variant, WorkloadInfo};

/// The targets at a size, each for the variants that are run; those that have lost their meaning are noted.
pub(super) fn chosen_targets(
    scenario: &Scenario,
    size: &Size,
    request: &PlanRequest,
    info: Option<&WorkloadInfo>,
    chosen: &[&Variant],
    notes: &mut Vec<String>,
) -> Vec<Target> {
    let ids: Vec<&str> = chosen.iter().map(|variant| variant.id.as_str()).collect();
    let has_baseline = chosen.iter().any(|variant| variant.baseline);
    scenario
        .targets
        .iter()
        .filter(|target| target.sizes.is_empty() || target.sizes.contains(&size.name))
        .filter(|target| size.name != SMOKE || is_exact(target, info))
        .filter(|target| request.floor.is_none() || is_on_floor(target))
        .filter_map(|target| narrow(target, &ids, has_baseline, notes))
        .collect()
}

/// The target for the variants that are run; `None`, with a note, where it has lost its meaning.
fn narrow(
    target: &Target,
    ids: &[&str],
    has_baseline: bool,
    notes: &mut Vec<String>,
) -> Option<Target> {
    let mut narrowed = target.clone();
    narrowed.variants.retain(|id| ids.contains(&id.as_str()));
    let needed = match narrowed.expectation {
        Expectation::Identical { .. } => 2,
        _ => 1,
    };
    if narrowed.variants.len() < needed {
        notes.push(format!(
            "not judged, its variants are not run: {}",
            target.label
        ));
        return None;
    }
    if is_relative(&narrowed) && !has_baseline {
        notes.push(format!(
            "not judged, the baseline is not run: {}",
            target.label
        ));
        return None;
    }
    Some(narrowed)
}

fn is_relative(target: &Target) -> bool {
    match &target.expectation {
        Expectation::Metric {
            at_most, at_least, ..
        }
        | Expectation::At {
            at_most, at_least, ..
        } => [at_most, at_least]
            .into_iter()
            .flatten()
            .any(Bound::is_relative),
        _ => false,
    }
}

/// True for what one run can settle: everything but times, rates, and what depends on the
/// scheduler.
fn is_exact(target: &Target, info: Option<&WorkloadInfo>) -> bool {
    let (metric, at_most, at_least) = match &target.expectation {
        Expectation::Metric {
            metric,
            at_most,
            at_least,
            ..
        } => (metric, at_most, at_least),
        // They rest on intervals.
        Expectation::At { .. } | Expectation::Growth { .. } => return false,
        _ => return true,
    };
    if matches!(metric.as_str(), "context_switches" | "major_faults") {
        return false;
    }
    let written = [at_most, at_least]
        .into_iter()
        .flatten()
        .find_map(|bound| match bound {
            Bound::Absolute { unit, .. } => Some(*unit),
            Bound::Baseline(_) => None,
        });
    match metric_unit(metric, info).or(written) {
        Some(Unit::Seconds | Unit::PerSecond | Unit::BytesPerSecond) | None => false,
        Some(Unit::Bytes | Unit::Count | Unit::Share | Unit::Ratio) => true,
    }
}

fn metric_unit(metric: &str, info: Option<&WorkloadInfo>) -> Option<Unit> {
    if let Some(own) = metric_info(metric) {
        return Some(own.unit);
    }
    if let Some(own) = part_metric(metric) {
        return Some(own.unit);
    }
    let listed = info.and_then(|info| info.metrics.as_deref())?;
    listed
        .iter()
        .find(|(name, _)| name == metric)
        .map(|(_, unit)| *unit)
}

pub(super) fn needs_phase_peaks(target: &Target) -> bool {
    let metric = match &target.expectation {
        Expectation::Metric { metric, .. }
        | Expectation::At { metric, .. }
        | Expectation::Growth { metric, .. } => metric,
        _ => return false,
    };
    part_metric(metric).is_some_and(|of| of.part == Part::Phase && of.figure == PartFigure::PeakRss)
}

/// Whether a target binds a variant's floor, or that of another to this one's, the baseline's.
pub(super) fn needs_floor(target: &Target, variant: &PlannedVariant) -> bool {
    let bound = target.variants.contains(&variant.id) || (variant.baseline && is_relative(target));
    is_on_floor(target) && bound
}

fn is_on_floor(target: &Target) -> bool {
    matches!(&target.expectation, Expectation::Metric { metric, .. } if metric == FLOOR)
}
