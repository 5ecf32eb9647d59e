//! A trial of an implementation that speaks the workload protocol.

use std::num::{NonZeroU64, NonZeroUsize};
use std::path::{Path, PathBuf};

use plimsoll_workload::Bytes;
use plimsoll_workload::env::{Environment as Protocol, Instrument as Asked};

use super::command::not_a_file;
use super::error::RunError;
use super::fork_server::Start;
use super::kills::Next;
use super::measured::Channels;
use super::preload;
use super::profile::profile_file;
use super::session::Core;
use super::trial::{Running, StepJob, argv, discarded, stdin};
use crate::evidence::Instrument;
use crate::notice::Observer;
use crate::plan::Job;
use crate::scenario::Stdin;

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
            let profile = profile_file(running, number)?;
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
            let step = if steps.len() > 1 { name } else { "" };
            if let Some(profile) = protocol.dhat_output.as_deref() {
                self.take_dhat_profile(running, profile, step)?;
            }
            if let Some(profile) = protocol.profile_output.as_deref() {
                self.take_sampled_profile(running, profile, step)?;
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
        let instrument = running.spec.instrument;
        let sampled = instrument == Instrument::Profile;
        let measure = &self.options.plan.measure;
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
            instrument: match instrument {
                Instrument::Clock | Instrument::Instructions => Asked::Clock,
                Instrument::Count => Asked::Count,
                Instrument::Profile => Asked::Profile,
                Instrument::Dhat => Asked::Dhat,
            },
            dhat_output: files
                .profile
                .clone()
                .filter(|_| instrument == Instrument::Dhat),
            profile_output: files.profile.filter(|_| sampled),
            profile_every: measure
                .profile
                .filter(|_| sampled)
                .and_then(NonZeroU64::new),
            profile_seed: sampled.then_some(measure.seed),
            phase_peaks: measure.phase_peaks,
            allocator: preload::other(variant.allocator).unwrap_or_default(),
        }
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
