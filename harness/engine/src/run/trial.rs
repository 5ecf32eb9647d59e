//! One trial: a variant's steps in order, what runs beside them, and the evidence they add up to.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Seek, Write};
use std::path::{Path, PathBuf};

use plimsoll_workload::env::AllocatorChoice;
use tokio::time::Instant;

use super::diagnose::{completed, not_killed};
use super::error::RunError;
use super::fork_server::Start;
use super::instructions::Counting;
use super::kills::Next;
use super::measured::{Channels, Measured, StepPlan, measure};
use super::pinned::inputs_of;
use super::preload;
use super::scratch::TrialDirectory;
use super::session::Core;
use super::supervise::Stdout;
use super::watch::Sampling;
use crate::evidence::{Identity, Instrument, Outcome, Role, Trial, TrialHead};
use crate::notice::Observer;
use crate::observe::on_disk;
use crate::plan::{Job, PlannedVariant, TrialSpec};
use crate::scenario::{Limits, Params, Stdin};

/// From one look to the next in a count trial that is not sampled otherwise.
const CENSUS_INTERVAL: std::time::Duration = std::time::Duration::from_millis(10);

/// A trial while it runs.
pub(super) struct Running<'a> {
    pub(super) spec: &'a TrialSpec,
    pub(super) variant: &'a PlannedVariant,
    pub(super) number: u32,
    pub(super) began: Instant,
    pub(super) directory: TrialDirectory,
    pub(super) trial: Trial,
    /// What the scenario has killed so far, in words.
    killed: Vec<String>,
}

impl Core {
    pub(super) async fn trial(
        &mut self,
        spec: &TrialSpec,
        observer: &mut dyn Observer,
    ) -> Result<Trial, RunError> {
        let plan = self.options.plan.clone();
        let number = self.trials;
        self.trials += 1;
        let variant = &plan.variants[spec.variant];
        let mut running = Running {
            spec,
            variant,
            number,
            began: Instant::now(),
            directory: self.directory.trial(number),
            trial: Trial {
                head: TrialHead {
                    number,
                    variant: variant.id.clone(),
                    instrument: spec.instrument,
                    role: spec.role,
                    block: spec.block,
                    under: spec.under,
                    point: spec.point.map(|at| plan.sweeps[at.sweep].named(at.point)),
                    outcome: Outcome::Completed,
                    diagnosis: String::new(),
                    verification: None,
                    notes: Vec::new(),
                },
                steps: Vec::new(),
                digests: BTreeMap::new(),
                scratch_peak: None,
                profile: None,
            },
            killed: Vec::new(),
        };
        let (params, prepared) = self.inputs(spec);
        let inputs = inputs_of(prepared, params, &self.ready[spec.variant].directory);
        running.trial.head.notes.extend(self.pinned.pin(&inputs));
        match &variant.job {
            Job::Workload { .. } => self.run_workload(&mut running, observer).await?,
            Job::Command(command) => self.run_command(command, &mut running, observer).await?,
        }
        Ok(running.conclude())
    }

    /// The parameters of a trial and its prepared inputs: some instruments have a size of their own,
    /// and so have the points of a sweep.
    pub(super) fn inputs(&self, spec: &TrialSpec) -> (&Params, Option<&Path>) {
        let options = &self.options;
        fn at(inputs: &[Option<PathBuf>], variant: usize) -> Option<&PathBuf> {
            inputs.get(variant)?.as_ref()
        }
        let inputs = match (spec.point, spec.instrument) {
            (Some(point), _) => options.sweep_inputs.get(&(point, spec.variant)),
            (None, Instrument::Clock | Instrument::Count | Instrument::Profile) => {
                at(&options.inputs, spec.variant)
            }
            (None, Instrument::Dhat) => at(&options.dhat_inputs, spec.variant),
            (None, Instrument::Instructions) => at(&options.instruction_inputs, spec.variant),
        };
        (options.plan.params(spec), inputs.map(PathBuf::as_path))
    }

    /// Runs one process of a step, kills it where the scenario wants it, and takes its evidence in.
    pub(super) async fn run_step(
        &mut self,
        running: &mut Running<'_>,
        step: StepJob<'_>,
        observer: &mut dyn Observer,
    ) -> Result<Next, RunError> {
        let plan = self.options.plan.clone();
        let mut start = step.start;
        start.address_space = plan.limits.address_space;
        let counting = match running.spec.instrument {
            Instrument::Instructions => Some(self.count_instructions(running, &mut start)?),
            _ => None,
        };
        let leaf = match counting.as_ref().is_some_and(Counting::takes_memory) {
            true => {
                self.machine_leaf(&format!("{}-{}", running.number, running.trial.steps.len()))?
            }
            false => self.leaf(
                running.spec.under,
                running.number,
                running.trial.steps.len(),
            )?,
        };
        let limits = Limits {
            wall: running.spec.wall.unwrap_or(plan.limits.wall),
            ..plan.limits.clone()
        };
        let kill = self.kill_moment(running, step.name);
        let census = running.spec.instrument == Instrument::Count;
        let interval = plan
            .measure
            .sample_every
            .or(census.then_some(CENSUS_INTERVAL));
        let scratch = step.scratch.clone();
        start.cgroups = leaf.iter().filter_map(|leaf| leaf.procs()).collect();
        start.processors.clone_from(&self.processors);
        let mut measured = measure(
            &mut self.server,
            &mut self.interrupts,
            observer,
            StepPlan {
                variant: &running.variant.id,
                name: step.name,
                start,
                stdin: step.stdin,
                stdout: step.stdout,
                limits: &limits,
                leaf: leaf.as_deref(),
                caps: self.caps.kind(),
                machine: &self.machine,
                channels: step.channels,
                expected: step.expected,
                kill,
                sampling: interval.map(|interval| Sampling {
                    interval,
                    census,
                    scratch,
                }),
                trial_began: running.began,
            },
        )
        .await?;
        drop(leaf);
        if let Some(counting) = counting {
            counting.take_in(&mut measured);
        }
        if running.spec.role == Role::Warmup && measured.outcome == Some(Outcome::Completed) {
            let wall = measured.step.wall;
            self.references.add(running.spec.variant, step.name, wall);
        }
        Ok(running.take_in(measured, step.name, step.scratch.as_deref()))
    }
}

/// What a step needs beyond what its trial knows.
pub(super) struct StepJob<'a> {
    pub(super) name: &'a str,
    pub(super) start: Start,
    pub(super) stdin: File,
    pub(super) stdout: Stdout,
    pub(super) channels: Channels,
    pub(super) expected: &'a [i32],
    /// The scratch directory, where there is one.
    pub(super) scratch: Option<PathBuf>,
}

impl Running<'_> {
    /// What follows.
    fn take_in(&mut self, measured: Measured, name: &str, scratch: Option<&Path>) -> Next {
        let trial = &mut self.trial;
        let (wall, kill) = (measured.step.wall, measured.step.kill);
        trial.steps.push(measured.step);
        trial.head.notes.extend(measured.notes);
        let left = scratch.map(directory_bytes);
        trial.scratch_peak = trial.scratch_peak.max(measured.scratch_peak).max(left);
        for (name, value) in measured.digests {
            trial.digests.insert(name, Identity { value, kept: None });
        }
        if let Some(cut) = measured.stdout_cut {
            trial.head.notes.push(format!("{cut}; it is not compared"));
        }
        if let Some(kill) = kill.filter(|kill| !kill.killed) {
            trial.head.notes.push(not_killed(name, &kill, wall));
        }
        let Some(outcome) = measured.outcome else {
            self.killed.push(measured.diagnosis);
            return self.after_kill(name);
        };
        trial.head.outcome = outcome;
        trial.head.diagnosis = measured.diagnosis;
        if outcome == Outcome::Completed
            && let Some(why) = self.ran_elsewhere(measured.allocator)
        {
            self.fail(Outcome::Failed, format!("failed: it completed, and {why}"));
        }
        match self.trial.head.outcome {
            Outcome::Completed => Next::Onward,
            _ => Next::Stop,
        }
    }

    /// The trial when its last process has ended: what is said of it is about all of them.
    fn conclude(mut self) -> Trial {
        let trial = &mut self.trial;
        if trial.head.outcome == Outcome::Completed && trial.steps.len() > 1 {
            trial.head.diagnosis = completed(trial.wall());
        }
        for killed in &self.killed {
            trial.head.diagnosis += &format!("; {killed}");
        }
        self.trial
    }

    /// Why the figures are not those of the allocator that was asked for.
    fn ran_elsewhere(&self, told: Result<AllocatorChoice, String>) -> Option<String> {
        let asked = preload::other(self.variant.allocator)?;
        let why = match told {
            Ok(told) if told == asked => return None,
            Ok(told) => format!("it ran on {}", told.name()),
            Err(why) => why,
        };
        Some(format!("did not run on {}: {why}", asked.name()))
    }

    /// Ends the trial for something that ran beside it.
    pub(super) fn fail(&mut self, outcome: Outcome, diagnosis: String) {
        if self.trial.head.outcome == Outcome::Completed {
            self.trial.head.outcome = outcome;
            self.trial.head.diagnosis = diagnosis;
        } else {
            self.trial.head.notes.push(diagnosis);
        }
    }
}

/// What a program reads from standard input.
pub(super) fn stdin(stdin: &Stdin, directory: &Path) -> Result<File, RunError> {
    let open = |path: &Path| {
        File::open(path).map_err(|source| RunError::File {
            doing: "opening standard input",
            path: path.to_owned(),
            source,
        })
    };
    match stdin {
        Stdin::Null => open(Path::new("/dev/null")),
        Stdin::File(path) => open(&directory.join(path)),
        Stdin::Text(text) => in_memory(text.as_bytes()).map_err(|source| RunError::System {
            doing: "passing on standard input",
            source,
        }),
    }
}

/// A file in memory, for a text that is part of the scenario.
fn in_memory(text: &[u8]) -> io::Result<File> {
    let flags = rustix::fs::MemfdFlags::CLOEXEC;
    let mut file = File::from(rustix::fs::memfd_create("plimsoll-stdin", flags)?);
    file.write_all(text)?;
    file.rewind()?;
    Ok(file)
}

/// A stream that goes nowhere.
pub(super) fn discarded() -> Result<Stdout, RunError> {
    let null = File::options().write(true).open("/dev/null");
    let null = null.map_err(|source| RunError::System {
        doing: "opening /dev/null",
        source,
    })?;
    Ok(Stdout::File(null))
}

/// An argument list as `exec` wants it: the name first, as it was written.
pub(super) fn argv(name: &Path, rest: impl IntoIterator<Item = OsString>) -> Vec<OsString> {
    std::iter::once(name.as_os_str().to_owned())
        .chain(rest)
        .collect()
}

/// Bytes that the files in a directory and below take on disk.
fn directory_bytes(directory: &Path) -> u64 {
    let Ok(entries) = fs::read_dir(directory) else {
        return 0;
    };
    let sizes = entries.flatten().map(|entry| match entry.metadata() {
        Ok(meta) if meta.is_dir() => directory_bytes(&entry.path()),
        Ok(meta) => on_disk(&meta),
        Err(_) => 0,
    });
    sizes.sum()
}
