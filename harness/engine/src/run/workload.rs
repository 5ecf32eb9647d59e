//! A trial of an implementation that speaks the workload protocol.

use std::fs;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use plimsoll_workload::Bytes;
use plimsoll_workload::env::{Environment as Protocol, Instrument as Asked};

use super::command::file_name;
use super::command::not_a_file;
use super::error::RunError;
use super::fork_server::Start;
use super::kills::Next;
use super::measured::Channels;
use super::preload;
use super::session::Core;
use super::trial::{Running, StepJob, argv, discarded, stdin};
use crate::evidence::Instrument;
use crate::notice::Observer;
use crate::observe::read_heap_profile;
use crate::plan::Job;
use crate::scenario::Stdin;

/// Call sites that are kept of a heap profile.
const CALL_SITES: usize = 20;

impl Core {
    pub(super) async fn run_workload(
        &mut self,
        running: &mut Running<'_>,
        observer: &mut dyn Observer,
    ) -> Result<(), RunError> {
        let Job::Workload {
            program,
            args,
            steps,
            extension,
            verifies,
            ..
        } = &running.variant.job
        else {
            return Ok(());
        };
        let scratch = running.directory.directory("scratch")?;
        let wanted = *verifies || self.options.keep_output.is_some();
        let output = wanted
            .then(|| running.directory.file("output"))
            .transpose()?;
        let one = [String::new()];
        let steps = if steps.is_empty() {
            &one[..]
        } else {
            &steps[..]
        };
        let call = |verb: &str| {
            let rest = args.iter().map(Into::into).chain([verb.into()]);
            argv(program, rest)
        };
        let mut last = Protocol::default();
        let mut left = steps.iter();
        let mut next = left.next();
        while let Some(name) = next {
            // Each process has files of its own to speak through, also those that begin a step anew.
            let number = running.trial.steps.len();
            let events = running.directory.file(&format!("events-{number}.jsonl"))?;
            let gauges = running.directory.file(&format!("gauges-{number}"))?;
            let channels = Channels::create(events.clone(), gauges.clone())?;
            let profile = (running.spec.instrument == Instrument::Dhat)
                .then(|| running.directory.file(&format!("dhat-heap-{number}.json")))
                .transpose()?;
            let files = Files {
                scratch: &scratch,
                output: &output,
                events,
                gauges,
                profile,
            };
            let protocol = self.protocol(running, name, files);
            let ready = &self.ready[running.spec.variant];
            let mut environment = ready.environment_of(&protocol, &scratch);
            if let Some(library) = &ready.allocator {
                preload::load(&mut environment, library);
            }
            let step = StepJob {
                name,
                start: Start {
                    program: ready.program(0),
                    argv: call("run"),
                    environment: environment.strings(),
                    directory: ready.directory.clone(),
                    ..Start::default()
                },
                stdin: stdin(&Stdin::Null, &ready.directory)?,
                stdout: discarded()?,
                channels,
                expected: &[0],
                scratch: Some(scratch.clone()),
            };
            let after = self.run_step(running, step, observer).await?;
            if let Some(profile) = &protocol.dhat_output
                && not_a_file(profile).is_none()
            {
                self.take_profile(running, profile, steps.len(), name)?;
            }
            last = protocol;
            next = match after {
                Next::Again => Some(name),
                Next::Onward => left.next(),
                Next::Stop => return Ok(()),
            };
        }
        if let Some(output) = output
            && not_a_file(&output).is_none()
        {
            self.keep_output(running, &output, extension)?;
        }
        if *verifies {
            self.verify(running, call("verify"), last, &scratch).await?;
        }
        Ok(())
    }

    /// All that is told to a step.
    fn protocol(&self, running: &Running<'_>, step: &str, files: Files<'_>) -> Protocol {
        let variant = running.variant;
        let Job::Workload {
            workload,
            implementation,
            ..
        } = &variant.job
        else {
            return Protocol::default();
        };
        let index = running.spec.variant;
        let (params, inputs) = self.inputs(running.spec);
        Protocol {
            workload: Some(workload.clone()),
            implementation: Some(implementation.clone()),
            params: Some(serde_json::Value::Object(params.clone()).to_string()),
            step: step.to_owned(),
            inputs: inputs.map(Path::to_owned),
            scratch: Some(files.scratch.to_owned()),
            output: files.output.clone(),
            events: Some(files.events),
            gauges: Some(files.gauges),
            threads: NonZeroUsize::new(self.ready[index].threads),
            memory_budget: variant.budget.map(Bytes),
            instrument: match running.spec.instrument {
                Instrument::Clock | Instrument::Instructions => Asked::Clock,
                Instrument::Count => Asked::Count,
                Instrument::Dhat => Asked::Dhat,
            },
            dhat_output: files.profile,
            profile_output: None,
            profile_every: None,
            profile_seed: None,
            phase_peaks: self.options.plan.measure.phase_peaks,
            allocator: preload::other(variant.allocator).unwrap_or_default(),
        }
    }

    /// Reads a step's heap profile, and keeps the file that the public viewer reads. The trial's
    /// profile is that of the step with the highest peak.
    fn take_profile(
        &mut self,
        running: &mut Running<'_>,
        file: &Path,
        steps: usize,
        step: &str,
    ) -> Result<(), RunError> {
        let mut profile = match read_heap_profile(file, CALL_SITES) {
            Ok(profile) => profile,
            Err(error) => {
                running
                    .trial
                    .head
                    .notes
                    .push(format!("the heap profile: {error}"));
                return Ok(());
            }
        };
        if let Some(directory) = &self.options.profiles {
            let infix = if steps > 1 {
                format!(".{step}")
            } else {
                String::new()
            };
            let name = format!("{}{infix}.dhat-heap.json", file_name(&running.variant.id));
            let kept = directory.join(&name);
            fs::create_dir_all(directory)
                .and_then(|()| fs::copy(file, &kept))
                .map_err(|source| RunError::File {
                    doing: "keeping the heap profile as",
                    path: kept,
                    source,
                })?;
            profile.file = Some(name);
        }
        let before = running
            .trial
            .profile
            .as_ref()
            .map_or(0, |profile| profile.at_peak);
        if running.trial.profile.is_none() || profile.at_peak > before {
            running.trial.profile = Some(profile);
        }
        Ok(())
    }
}

/// The files of a step.
struct Files<'a> {
    scratch: &'a Path,
    output: &'a Option<PathBuf>,
    events: PathBuf,
    gauges: PathBuf,
    profile: Option<PathBuf>,
}
