//! The whole of a scenario, part by part.

use std::path::{Path, PathBuf};

use crate::scenario::catalog::{WorkloadInfo, Workloads};
use crate::scenario::document::ScenarioDoc;
use crate::scenario::error::{Mistakes, suggestion};
use crate::scenario::forms::WorkloadDoc;
use crate::scenario::read::{At, Entries};
use crate::scenario::source::shown;
use crate::scenario::{Params, Scenario, WorkloadRef};

use super::command::check_placeholders;
use super::limits::check_limits;
use super::matrix::expand;
use super::measure::check_measure;
use super::names::{check_name, check_text};
use super::params::check_params;
use super::requires::check_requires;
use super::sizes::{check_size_variants, check_sizes_of};
use super::sweep::check_sweeps;
use super::targets::{Known, check_targets};
use super::variants::{Surroundings, check_variants};

/// Makes a scenario of a document, as far as it is right; what is wrong is added to `mistakes`,
/// and the scenario is of use only if there were none.
pub(crate) fn check(
    doc: &ScenarioDoc,
    path: &Path,
    text: &str,
    workloads: &dyn Workloads,
    mistakes: &mut Mistakes,
) -> Scenario {
    let base = path.parent().unwrap_or(Path::new(""));
    if let Some(name) = doc.name.get() {
        check_name("the scenario's name", name, mistakes);
    }
    let about = doc
        .about
        .get()
        .map(|at| check_text("`about`", at, mistakes));
    let workload = doc.workload.get().map(|at| resolve(&at.value, base));
    let info = match (&workload, doc.workload.get()) {
        (Some(workload), Some(at)) => describe(workload, at, workloads, mistakes),
        _ => None,
    };
    let info = info.as_ref();
    let requires = doc.requires.value();
    let requires = requires.map(|entries| check_requires(entries, mistakes));
    let none = Entries::default();
    let params = check_params(doc.params.value().unwrap_or(&none), info, mistakes);
    let mut sizes = check_sizes_of(doc, info, mistakes);
    let docs = doc.variants.value().map(Vec::as_slice).unwrap_or_default();
    if let Some(at) = doc.variants.get().filter(|at| at.value.is_empty()) {
        mistakes.add(
            at.span,
            "there is no variant to run",
            "empty",
            "add at least one, as in `- { id: in-memory }`".to_owned(),
        );
    }
    let surroundings = Surroundings {
        workload: !doc.workload.is_absent(),
        info,
    };
    let written = check_variants(docs, &surroundings, mistakes);
    let (variants, families) = expand(doc, written, info, mistakes);
    check_size_variants(doc, &mut sizes, &families, mistakes);
    let layers = sizes.iter().map(|size| &size.params);
    let layers = layers.chain(variants.iter().map(|variant| &variant.params));
    let all_params: Vec<&Params> = [&params].into_iter().chain(layers).collect();
    for at in docs {
        check_placeholders(&at.value, &all_params, mistakes);
    }
    let limits = check_limits(doc.limits.value(), mistakes);
    let measure = check_measure(doc.measure.value(), &sizes, mistakes);
    let mut known = Known {
        variants: &variants,
        families: &families,
        sizes: &sizes,
        sweeps: &[],
        info,
    };
    let sweeps = check_sweeps(doc, &params, &known, mistakes);
    known.sweeps = &sweeps;
    let docs = doc.targets.value().map(Vec::as_slice).unwrap_or_default();
    let targets = check_targets(docs, &known, mistakes);
    Scenario {
        name: doc.name.value().cloned().unwrap_or_default(),
        about: about.unwrap_or_default(),
        path: path.to_owned(),
        text: text.to_owned(),
        digest: format!("blake3:{}", blake3::hash(text.as_bytes()).to_hex()),
        workload,
        requires: requires.unwrap_or_default(),
        params,
        sizes,
        variants,
        sweeps,
        limits,
        measure,
        targets,
    }
}

/// Who is meant; a program with a path is taken relative to the scenario's directory.
fn resolve(doc: &WorkloadDoc, base: &Path) -> WorkloadRef {
    match doc {
        WorkloadDoc::Builtin(name) => WorkloadRef::Builtin(name.clone()),
        WorkloadDoc::Program(doc) => {
            let written = doc.program.value().cloned().unwrap_or_default();
            let program = match written.contains('/') {
                // Whoever runs it may do so from another directory.
                true => absolute(&base.join(&written)),
                false => PathBuf::from(&written),
            };
            let args = doc.args.value().map(Vec::as_slice).unwrap_or_default();
            WorkloadRef::Program {
                program,
                args: args.iter().map(|arg| arg.value.clone()).collect(),
                name: doc.name.value().cloned().unwrap_or_default(),
            }
        }
    }
}

/// The path from the root; as it is where the current directory is gone.
fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

/// Asks for the workload's description; why there is none is reported.
fn describe(
    workload: &WorkloadRef,
    at: &At<WorkloadDoc>,
    workloads: &dyn Workloads,
    mistakes: &mut Mistakes,
) -> Option<WorkloadInfo> {
    match (workload, &at.value) {
        (WorkloadRef::Builtin(name), _) => {
            let builtin = workloads.builtin();
            if !builtin.contains(name) {
                let valid = builtin.iter().map(String::as_str);
                mistakes.add(
                    at.span,
                    format!("no workload `{}`", shown(name)),
                    "unknown workload",
                    format!(
                        "{}\none of your own: `workload: {{ program: ./mine, name: x }}`",
                        suggestion(name, "those built in", valid)
                    ),
                );
                return None;
            }
        }
        (WorkloadRef::Program { .. }, WorkloadDoc::Program(doc)) => {
            // A program without a name was reported already.
            if doc.program.get().is_none() || doc.name.get().is_none() {
                return None;
            }
        }
        (WorkloadRef::Program { .. }, WorkloadDoc::Builtin(_)) => return None,
    }
    match workloads.describe(workload) {
        Ok(info) => Some(info),
        Err(why) => {
            mistakes.add(at.span, why, "this workload", None);
            None
        }
    }
}
