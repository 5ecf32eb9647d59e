//! One variant: what it runs, with which parameters, how often.

use super::super::{Job, PlanError, PlanRequest, PlannedVariant};
use crate::scenario::check::SMOKE;
use crate::scenario::source::shown;
use crate::scenario::{
    Allocator, DhatSetting, Measure, Params, Runs, Scenario, Size, Variant, WorkloadInfo,
};

pub(super) fn planned(
    variant: &Variant,
    scenario: &Scenario,
    size: &Size,
    request: &PlanRequest,
    info: Option<&WorkloadInfo>,
) -> Result<PlannedVariant, PlanError> {
    let job = match (&variant.command, info) {
        (Some(command), _) => Job::Command(command.clone()),
        (None, Some(info)) => {
            let implementation = info
                .implementation(&variant.implementation)
                .ok_or_else(|| {
                    PlanError::new(
                        format!(
                            "workload `{}` has no implementation `{}`",
                            info.name,
                            shown(&variant.implementation)
                        ),
                        "it had one when the scenario was checked: was the program rebuilt?",
                    )
                })?;
            Job::Workload {
                program: info.program.clone(),
                args: info.args.clone(),
                workload: info.name.clone(),
                implementation: implementation.id.clone(),
                steps: implementation.steps.clone(),
                extension: info.output.clone(),
                verifies: info.verifies,
            }
        }
        (None, None) => {
            return Err(PlanError::new(
                format!("variant `{}` says nothing to run", shown(&variant.id)),
                "add `command:` to it, or name a `workload:` for the scenario",
            ));
        }
    };
    let set: Params = request.set.iter().cloned().collect();
    // dhat stands in front of the system's allocator, and in no plain command.
    let can_profile = matches!(job, Job::Workload { .. }) && !is_other(variant.allocator);
    let dhat_params = match &scenario.measure.dhat {
        DhatSetting::AtSize(name) if can_profile => {
            at_other_size(name, variant, scenario, size, &set)
        }
        DhatSetting::AtSize(_) | DhatSetting::Off => None,
    };
    let instruction_params = scenario
        .measure
        .instructions
        .as_ref()
        .and_then(|setting| at_other_size(&setting.size, variant, scenario, size, &set));
    Ok(PlannedVariant {
        id: variant.id.clone(),
        about: variant.about.clone(),
        baseline: variant.baseline,
        job,
        params: merge([&scenario.params, &size.params, &variant.params, &set]),
        dhat_params,
        instruction_params,
        threads: variant.threads,
        budget: variant.budget,
        env: variant.env.clone(),
        allocator: variant.allocator,
        uncounted: variant
            .command
            .is_some()
            .then(|| "nobody has looked whether it can be".to_owned()),
        runs: runs_of(Some(variant), size, &scenario.measure, request),
        floor: false,
        kills: variant.kills.clone(),
    })
}

/// A variant's parameters at the size of this name, for an instrument that has a size of its own;
/// none where the variant takes no part at it. `size` is the one that is run, and what was `set` on
/// the command line was meant for that one.
fn at_other_size(
    name: &str,
    variant: &Variant,
    scenario: &Scenario,
    size: &Size,
    set: &Params,
) -> Option<Params> {
    let other = scenario.sizes.iter().find(|size| size.name == name)?;
    let takes_part = other.variants.is_empty() || other.variants.contains(&variant.id);
    takes_part.then(|| match other.name == size.name {
        true => merge([&scenario.params, &other.params, &variant.params, set]),
        false => merge([&scenario.params, set, &other.params, &variant.params]),
    })
}

/// Whether it is another allocator than the C library's.
pub(super) fn is_other(allocator: Option<Allocator>) -> bool {
    allocator.is_some_and(|allocator| allocator != Allocator::System)
}

/// Later parameters override earlier ones.
fn merge<const N: usize>(layers: [&Params; N]) -> Params {
    let mut merged = Params::new();
    for layer in layers {
        for (key, value) in layer {
            merged.insert(key.clone(), value.clone());
        }
    }
    merged
}

pub(super) fn runs_of(
    variant: Option<&Variant>,
    size: &Size,
    measure: &Measure,
    request: &PlanRequest,
) -> Runs {
    let smoke = (size.name == SMOKE).then_some(Runs { min: 1, max: 1 });
    let floor = request.floor.is_some().then_some(Runs { min: 2, max: 2 });
    request
        .runs
        .or(floor)
        .or(smoke)
        .or(variant.and_then(|variant| variant.runs))
        .or(size.runs)
        .unwrap_or(measure.runs)
}
