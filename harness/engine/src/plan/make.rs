//! From a validated scenario and a request to a plan: overrides merged, variants and targets chosen.

use std::collections::BTreeMap;
use std::sync::Arc;

use plimsoll_workload::Unit;

use crate::analyze::instrument_of;
use crate::evidence::{Instrument, Part, PartFigure, metric_info, part_metric};
use crate::scenario::check::{SMOKE, known_params, param_mismatch};
use crate::scenario::error::suggestion;
use crate::scenario::source::shown;
use crate::scenario::{
    Allocator, Bound, DhatSetting, Expectation, FLOOR, Measure, Params, Runs, Scenario, Size,
    Target, Variant, WorkloadInfo, Workloads,
};

use super::{Job, Plan, PlanError, PlanRequest, PlannedSweep, PlannedVariant, sweep};

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
    let ids: Vec<&str> = chosen.iter().map(|variant| variant.id.as_str()).collect();
    let has_baseline = chosen.iter().any(|variant| variant.baseline);
    if scenario.measure.dhat != DhatSetting::Off {
        let other = |variant: &&Variant| is_other(variant.allocator);
        notes.extend(chosen.iter().copied().filter(other).map(|variant| {
            format!(
                "no heap profile of {}: dhat profiles the system's allocator only",
                variant.id
            )
        }));
    }
    let targets: Vec<Target> = scenario
        .targets
        .iter()
        .filter(|target| target.sizes.is_empty() || target.sizes.contains(&size.name))
        .filter(|target| !exact_only || is_exact(target, info.as_ref()))
        .filter(|target| request.floor.is_none() || is_on_floor(target))
        .filter_map(|target| narrow(target, &ids, has_baseline, &mut notes))
        .collect();
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

fn find_size<'a>(scenario: &'a Scenario, name: &str) -> Result<&'a Size, PlanError> {
    let names = scenario.sizes.iter().map(|size| size.name.as_str());
    scenario
        .sizes
        .iter()
        .find(|size| size.name == name)
        .ok_or_else(|| {
            let nearest = suggestion(name, "", names.clone());
            let list: Vec<&str> = names.collect();
            let list = format!("its sizes: {}", list.join(", "));
            let help = match nearest.starts_with("did you mean") {
                true => format!("{nearest} {list}"),
                false => list,
            };
            PlanError::new(
                format!("scenario `{}` has no size `{}`", scenario.name, shown(name)),
                help,
            )
        })
}

/// Parameters of the command line must be known, and of the right kind.
fn check_set(
    scenario: &Scenario,
    request: &PlanRequest,
    info: Option<&WorkloadInfo>,
) -> Result<(), PlanError> {
    let written = || {
        let sizes = scenario.sizes.iter().flat_map(|size| size.params.keys());
        let variants = scenario.variants.iter().flat_map(|v| v.params.keys());
        let mut names: Vec<&str> = scenario
            .params
            .keys()
            .chain(sizes)
            .chain(variants)
            .map(String::as_str)
            .collect();
        names.sort_unstable();
        names.dedup();
        names
    };
    let known = info
        .map(known_params)
        .filter(|known| !known.is_empty())
        .unwrap_or_else(written);
    for (key, value) in &request.set {
        if !known.contains(&key.as_str()) {
            return Err(PlanError::new(
                format!(
                    "scenario `{}` has no parameter `{}`",
                    scenario.name,
                    shown(key)
                ),
                suggestion(key, "its parameters", known.iter().copied()),
            ));
        }
        if let Some(expected) = info.and_then(|info| param_mismatch(info, key, value)) {
            return Err(PlanError::new(
                format!("parameter `{}` is {expected}", shown(key)),
                format!("`{}` is not that", shown(&value.to_string())),
            ));
        }
    }
    Ok(())
}

fn choose_variants<'a>(
    scenario: &'a Scenario,
    size: &Size,
    request: &PlanRequest,
) -> Result<Vec<&'a Variant>, PlanError> {
    let at_size = |id: &str| size.variants.is_empty() || size.variants.iter().any(|v| v == id);
    for wanted in &request.variants {
        let ids = scenario.variants.iter().map(|variant| variant.id.as_str());
        if !ids.clone().any(|id| stands_for(wanted, id)) {
            return Err(PlanError::new(
                format!(
                    "scenario `{}` has no variant `{}`",
                    scenario.name,
                    shown(wanted)
                ),
                suggestion(wanted, "its variants", ids),
            ));
        }
        if !ids.clone().any(|id| stands_for(wanted, id) && at_size(id)) {
            let there: Vec<&str> = ids.filter(|id| at_size(id)).collect();
            return Err(PlanError::new(
                format!(
                    "variant `{}` takes no part at size `{}`",
                    shown(wanted),
                    size.name
                ),
                format!("those that do: {}", there.join(", ")),
            ));
        }
    }
    Ok(scenario
        .variants
        .iter()
        .filter(|variant| at_size(&variant.id))
        .filter(|variant| {
            request.variants.is_empty()
                || request
                    .variants
                    .iter()
                    .any(|wanted| stands_for(wanted, &variant.id))
        })
        .collect())
}

/// A name stands for the variant of that id, and for all that the matrix made of it.
fn stands_for(name: &str, id: &str) -> bool {
    id == name
        || id
            .strip_prefix(name)
            .is_some_and(|rest| rest.starts_with('+'))
}

fn planned(
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
fn is_other(allocator: Option<Allocator>) -> bool {
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

fn runs_of(
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

/// The sweeps at a size, with what the targets need of them.
fn sweeps(
    scenario: &Scenario,
    size: &Size,
    chosen: &[&Variant],
    variants: &[PlannedVariant],
    targets: &[Target],
    request: &PlanRequest,
) -> Vec<PlannedSweep> {
    let once = (size.name == SMOKE).then_some(1);
    let asked = request.runs.map(|runs| runs.min).or(once);
    let planned = scenario.sweeps.iter().filter_map(|written| {
        let runs = asked.unwrap_or(written.runs);
        let params = |index: usize| variants[index].params.clone();
        let mut sweep = sweep::planned(written, size, chosen, runs, params)?;
        for target in targets {
            let (metric, here) = match &target.expectation {
                Expectation::At { metric, place, .. } => (metric, sweep.has(place)),
                Expectation::Growth {
                    metric, parameter, ..
                } => (
                    metric,
                    sweep.quality.is_none() && sweep.parameter == *parameter,
                ),
                _ => continue,
            };
            let instrument = instrument_of(metric);
            let known = instrument == Instrument::Clock || sweep.instruments.contains(&instrument);
            if here && !known {
                sweep.instruments.push(instrument);
            }
        }
        Some(sweep)
    });
    planned.collect()
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
            .iter()
            .any(|bound| matches!(bound, Some(Bound::Baseline(_)))),
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

fn needs_phase_peaks(target: &Target) -> bool {
    let metric = match &target.expectation {
        Expectation::Metric { metric, .. }
        | Expectation::At { metric, .. }
        | Expectation::Growth { metric, .. } => metric,
        _ => return false,
    };
    part_metric(metric).is_some_and(|of| of.part == Part::Phase && of.figure == PartFigure::PeakRss)
}

/// Whether a target binds a variant's floor, or that of another to this one's, the baseline's.
fn needs_floor(target: &Target, variant: &PlannedVariant) -> bool {
    let bound = target.variants.contains(&variant.id) || (variant.baseline && is_relative(target));
    is_on_floor(target) && bound
}

fn is_on_floor(target: &Target) -> bool {
    matches!(&target.expectation, Expectation::Metric { metric, .. } if metric == FLOOR)
}
