//! A variant made ready: its programs found, its placeholders checked, before anything runs.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use plimsoll_workload::env::Environment as Protocol;

use super::environment::Environment;
use super::error::RunError;
use super::preload;
use super::program;
use super::session::SessionOptions;
use super::template::{Fill, fill};
use crate::plan::{Job, PlannedVariant};
use crate::scenario::{CommandSpec, OutputSpec};

/// A variant made ready.
#[derive(Debug)]
pub(crate) struct Ready {
    /// The measured program of each step, absolute; that of a workload is the same for all of its steps,
    /// and stands here once.
    pub(crate) programs: Vec<PathBuf>,
    /// The working directory of all its processes.
    pub(crate) directory: PathBuf,
    /// The session's environment and the variant's own.
    pub(crate) environment: Environment,
    pub(crate) threads: usize,
    /// The library of another allocator than the C library's, where it runs on one.
    pub(crate) allocator: Option<PathBuf>,
}

impl Ready {
    /// Every variant of a plan.
    pub(crate) fn all(
        options: &SessionOptions,
        environment: &Environment,
    ) -> Result<Vec<Self>, RunError> {
        let home = home(&options.plan.scenario.path)?;
        let variants = options.plan.variants.iter().enumerate();
        variants
            .map(|(index, variant)| {
                let inputs = options.inputs.get(index).and_then(Option::as_deref);
                Self::new(variant, inputs, &home, environment)
            })
            .collect()
    }

    pub(super) fn new(
        variant: &PlannedVariant,
        inputs: Option<&Path>,
        home: &Path,
        session: &Environment,
    ) -> Result<Self, RunError> {
        let mut environment = session.clone();
        for (name, value) in &variant.env {
            environment.set(name, value);
        }
        let mut ready = Ready {
            programs: Vec::new(),
            directory: home.to_owned(),
            environment,
            threads: variant.threads.unwrap_or(1),
            allocator: None,
        };
        match &variant.job {
            Job::Workload { program, .. } => {
                // Where its inputs were made, so that relative paths in parameters mean the same.
                ready.directory = std::env::current_dir().map_err(|source| RunError::System {
                    doing: "finding the working directory",
                    source,
                })?;
                let program = ready.find(program.as_os_str().to_owned(), variant)?;
                ready.programs.push(program);
            }
            Job::Command(command) => ready.check_command(command, variant, inputs)?,
        }
        ready.allocator = preload::allocator(variant, &ready.programs, ready.environment.path())?;
        Ok(ready)
    }

    fn check_command(
        &mut self,
        command: &CommandSpec,
        variant: &PlannedVariant,
        inputs: Option<&Path>,
    ) -> Result<(), RunError> {
        if let Some(directory) = &command.directory {
            self.directory = self.directory.join(directory);
        }
        let somewhere = Path::new("/");
        let with = Fill {
            params: &variant.params,
            inputs,
            output: matches!(command.output, OutputSpec::File(_)).then_some(somewhere),
            scratch: Some(somewhere),
            threads: self.threads,
        };
        let named = |argv: &[String]| -> Result<PathBuf, RunError> {
            let filled = fill(argv, &with).map_err(|source| RunError::Template {
                variant: variant.id.clone(),
                source,
            })?;
            self.find(filled.into_iter().next().unwrap_or_default(), variant)
        };
        let steps = command.steps.iter().map(|step| named(&step.argv));
        let programs = steps.collect::<Result<Vec<_>, _>>()?;
        for beside in [&command.prepare, &command.conclude, &command.canonicalise] {
            beside.as_deref().map(named).transpose()?;
        }
        self.programs = programs;
        Ok(())
    }

    /// The measured program of a step.
    pub(crate) fn program(&self, step: usize) -> PathBuf {
        let program = self.programs.get(step).or(self.programs.first());
        program.cloned().unwrap_or_default()
    }

    /// The environment of a process that is told these things of the protocol.
    pub(crate) fn environment_of(&self, protocol: &Protocol, scratch: &Path) -> Environment {
        let mut environment = self.environment.clone();
        environment.set("TMPDIR", scratch);
        for (variable, value) in protocol.variables() {
            environment.set(variable, value);
        }
        environment
    }

    /// The absolute path of a program that this variant names.
    pub(crate) fn find(
        &self,
        name: OsString,
        variant: &PlannedVariant,
    ) -> Result<PathBuf, RunError> {
        program::find(&name, &self.directory, self.environment.path()).map_err(|source| {
            RunError::Program {
                variant: variant.id.clone(),
                source,
            }
        })
    }
}

/// The scenario's directory: what relative paths in it are relative to.
pub(super) fn home(scenario: &Path) -> Result<PathBuf, RunError> {
    let parent = scenario
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty());
    let directory = parent.unwrap_or(Path::new("."));
    directory.canonicalize().map_err(|source| RunError::File {
        doing: "finding the scenario's directory",
        path: directory.to_owned(),
        source,
    })
}
