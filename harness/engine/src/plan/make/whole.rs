//! The whole plan, part by part.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::super::{Plan, PlanError, PlanRequest};
use super::choose::{check_set, choose_variants, find_size};
use super::sweeps::sweeps;
use super::targets::{chosen_targets, needs_floor, needs_phase_peaks};
use super::variant::{is_other, planned, runs_of};
use crate::scenario::check::SMOKE;
use crate::scenario::{DhatSetting, Scenario, Variant, Workloads};

/// Plans a scenario at a size.
///
/// Where only floors are asked for, each variant has a warm-up and two measured runs, which what is run
/// under caps is held against: one alone would not show an output that is never the same twice.
///
/// Parameters are merged in the order scenario, size, variant, `set`. Numbers of runs come from
/// the request, else from `smoke` (one), else from the variant, the size, `measure.runs`.
///
/// # Errors
///
/// The size, a variant or a parameter is not known, nothing is left to run, or the workload
/// cannot be described.
pub fn plan(
    scenario: Arc<Scenario>,
    request: &PlanRequest,
    workloads: &dyn Workloads,
) -> Result<Plan, PlanError> {
    let size = find_size(&scenario, &request.size)?.clone();
    let info = match &scenario.workload {
        Some(workload) => Some(
            workloads
                .describe(workload)
                .map_err(|why| PlanError::new(why, "check `workload:` of the scenario"))?,
        ),
        None => None,
    };
    check_set(&scenario, request, info.as_ref())?;
    let chosen = choose_variants(&scenario, &size, request)?;
    let exact_only = size.name == SMOKE;
    let mut measure = scenario.measure.clone();
    measure.seed = request.seed.unwrap_or(measure.seed);
    measure.warmup = request
        .warmup
        .unwrap_or(if exact_only { 0 } else { measure.warmup });
    measure.runs = runs_of(None, &size, &scenario.measure, request);
    if let Some(floor) = request.floor {
        let setting = &mut measure.floor;
        setting.repeats = floor.repeats.unwrap_or(setting.repeats);
        setting.precision = floor.precision.unwrap_or(setting.precision);
        setting.attempts = floor.attempts.unwrap_or(setting.attempts);
        measure.warmup = request.warmup.unwrap_or(1);
    }
    let mut variants = chosen
        .iter()
        .map(|variant| planned(variant, &scenario, &size, request, info.as_ref()))
        .collect::<Result<Vec<_>, _>>()?;
    let mut notes = Vec::new();
    if scenario.measure.dhat != DhatSetting::Off {
        let other = |variant: &&Variant| is_other(variant.allocator);
        notes.extend(chosen.iter().copied().filter(other).map(|variant| {
            format!(
                "no heap profile of {}: dhat profiles the system's allocator only",
                variant.id
            )
        }));
    }
    let targets = chosen_targets(
        &scenario,
        &size,
        request,
        info.as_ref(),
        &chosen,
        &mut notes,
    );
    measure.phase_peaks |= targets.iter().any(needs_phase_peaks);
    for variant in &mut variants {
        variant.floor =
            request.floor.is_some() || targets.iter().any(|target| needs_floor(target, variant));
    }
    let sweeps = match request.floor {
        Some(_) => Vec::new(),
        None => sweeps(&scenario, &size, &chosen, &variants, &targets, request),
    };
    Ok(Plan {
        size: size.name,
        variants,
        sweeps,
        limits: scenario.limits.clone(),
        measure,
        targets,
        exact_only,
        floor_only: request.floor.is_some(),
        notes,
        without: BTreeMap::new(),
        scenario,
    })
}
