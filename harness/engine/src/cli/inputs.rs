//! The inputs of a plan's variants, from the cache or made now.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::failure::CliFailure;
use crate::evidence::Instrument;
use crate::notice::{Notice, Observer};
use crate::plan::{Plan, PointIndex};
use crate::run::Interruptions;
use crate::run::caps::MachineCap;
use crate::run::inputs::{InputCache, Inputs, InputsError, ProgramSource};
use crate::scenario::{Params, Workloads};

/// Inputs by the variant's index in the plan. They stay in the cache as long as this lives.
#[derive(Debug, Default)]
pub(super) struct Prepared {
    /// For trials at the size that is run.
    pub(super) full: Vec<Option<PathBuf>>,
    /// For dhat trials, which may be run at another size.
    pub(super) dhat: Vec<Option<PathBuf>>,
    /// For trials that count instructions, which have a size of their own too.
    pub(super) instructions: Vec<Option<PathBuf>>,
    /// For points of sweeps, by the point and the variant.
    pub(super) swept: BTreeMap<(PointIndex, usize), PathBuf>,
    held: Vec<Inputs>,
}

impl Prepared {
    /// What the inputs of each variant are called in the cache, by its index in the plan.
    pub(super) fn names(&self) -> Vec<Option<String>> {
        let name = |data: &PathBuf| {
            let entry = data.parent()?.file_name()?;
            Some(entry.to_string_lossy().into_owned())
        };
        self.full
            .iter()
            .map(|data| data.as_ref().and_then(name))
            .collect()
    }
}

/// Gets the inputs of every variant; plain commands have none. Where they have to be made, `capped`
/// says whether within the memory that the machine has to give.
pub(super) fn prepare(
    plan: &Plan,
    workloads: &dyn Workloads,
    interruptions: &Interruptions,
    capped: bool,
    observer: &mut dyn Observer,
) -> Result<Prepared, CliFailure> {
    let mut prepared = Prepared::default();
    let Some(workload) = &plan.scenario.workload else {
        prepared.full = vec![None; plan.variants.len()];
        prepared.dhat.clone_from(&prepared.full);
        prepared.instructions.clone_from(&prepared.full);
        return Ok(prepared);
    };
    let info = workloads.describe(workload).map_err(CliFailure::usage)?;
    let cache = InputCache::of_user().map_err(told)?;
    let cap = capped.then(|| MachineCap::find(Path::new("/")));
    let mut get = |params: &Params, what_for: &str| -> Result<PathBuf, CliFailure> {
        let source = ProgramSource {
            workload: &info,
            params,
            cap: cap.as_ref(),
        };
        let mut tell = |what: String| {
            let what = format!("{what} for {what_for}");
            observer.notice(Notice::Preparing { what });
        };
        let inputs = cache
            .get(&source, &|| interruptions.count() > 0, &mut tell)
            .map_err(told)?;
        let directory = inputs.directory.clone();
        prepared.held.push(inputs);
        Ok(directory)
    };
    for variant in &plan.variants {
        prepared.full.push(Some(get(&variant.params, &variant.id)?));
        let what_for = format!("the heap profile of {}", variant.id);
        let dhat = variant.dhat_params.as_ref();
        let dhat = dhat.map(|params| get(params, &what_for)).transpose()?;
        prepared.dhat.push(dhat);
        let what_for = format!("counting the instructions of {}", variant.id);
        let wanted = !plan.without.contains_key(&Instrument::Instructions);
        let counted = variant.instruction_params.as_ref().filter(|_| wanted);
        let counted = counted.map(|params| get(params, &what_for)).transpose()?;
        prepared.instructions.push(counted);
    }
    for (sweep, planned) in plan.sweeps.iter().enumerate() {
        for (point, at) in planned.points.iter().enumerate() {
            for (index, params) in at.params.iter().enumerate() {
                let Some(params) = params else { continue };
                let what_for = format!(
                    "{} at {} {}",
                    plan.variants[index].id, planned.parameter, at.value
                );
                let inputs = get(params, &what_for)?;
                let key = (PointIndex { sweep, point }, index);
                prepared.swept.insert(key, inputs);
            }
        }
    }
    Ok(prepared)
}

fn told(error: InputsError) -> CliFailure {
    match error {
        InputsError::Interrupted => CliFailure::interrupted(),
        error => CliFailure::usage(error.to_string()),
    }
}
