//! A trial of a plain command.

use std::ffi::OsString;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use plimsoll_workload::env::{self as protocol, Instrument as Asked};

use super::beside::{Beside, Ran};
use super::caps::SessionName;
use super::environment::Environment;
use super::error::RunError;
use super::fork_server::Start;
use super::identity::digest;
use super::kills::Next;
use super::measured::Channels;
use super::pages::Pages;
use super::preload;
use super::profile::Profiles;
use super::session::Core;
use super::supervise::Stdout;
use super::template::{Fill, fill, mentions};
use super::trial::{Running, StepJob, discarded, stdin};
use crate::evidence::{Identity, Instrument, Outcome};
use crate::notice::Observer;
use crate::scenario::{CommandSpec, CommandStep, OutputSpec, Stdin};

/// What is wrong with the output that a program left; nothing where it is a regular file. Anything
/// else could block whoever opens it, or never end.
pub(super) fn not_a_file(output: &Path) -> Option<&'static str> {
    match fs::symlink_metadata(output) {
        Err(_) => Some("wrote nothing at `{output}`"),
        Ok(found) if !found.is_file() => Some("what it left at `{output}` is not a regular file"),
        Ok(_) => None,
    }
}

/// A command's files in its trial's directory, as far as it uses any.
struct Places {
    /// What is compared: the file at `{output}`, or what standard output is kept in.
    output: Option<PathBuf>,
    scratch: Option<PathBuf>,
}

impl Core {
    pub(super) async fn run_command(
        &mut self,
        command: &CommandSpec,
        running: &mut Running<'_>,
        observer: &mut dyn Observer,
    ) -> Result<(), RunError> {
        let places = places(command, running)?;
        if let Some(prepare) = &command.prepare
            && !self.beside("prepare", prepare, &places, running).await?
        {
            return Ok(());
        }
        let completed = self
            .measure_command(command, &places, running, observer)
            .await?;
        if completed {
            self.identify(command, &places, running).await?;
        }
        if let Some(conclude) = &command.conclude {
            self.beside("conclude", conclude, &places, running).await?;
        }
        Ok(())
    }

    /// Runs the measured commands one after the other. True where all of them completed.
    async fn measure_command(
        &mut self,
        command: &CommandSpec,
        places: &Places,
        running: &mut Running<'_>,
        observer: &mut dyn Observer,
    ) -> Result<bool, RunError> {
        let last = command.steps.len().saturating_sub(1);
        let mut left = command.steps.iter().enumerate();
        let mut next = left.next();
        while let Some((index, step)) = next {
            let stdout = match (&command.output, &places.output) {
                (OutputSpec::Stdout, Some(output)) if index == last => {
                    Stdout::Capped(create(output)?, self.options.plan.limits.output)
                }
                _ => discarded()?,
            };
            let (job, profiles) = self.command_step(index, step, stdout, places, running)?;
            let events = self.directory.events(running.number);
            let after = self.run_step(running, job, observer).await;
            // Most commands never make one.
            let _ = fs::remove_file(events);
            if let Some(profiles) = profiles {
                let step = if last > 0 { step.name.as_str() } else { "" };
                self.take_profiles_of_processes(running, &profiles, step)?;
            }
            next = match after? {
                Next::Again => next,
                Next::Onward => left.next(),
                Next::Stop => return Ok(false),
            };
        }
        Ok(true)
    }

    /// One of the measured commands, ready to be run, and where its heap profiles will be.
    fn command_step<'a>(
        &self,
        index: usize,
        step: &'a CommandStep,
        stdout: Stdout,
        places: &Places,
        running: &mut Running<'_>,
    ) -> Result<(StepJob<'a>, Option<Profiles>), RunError> {
        let argv = self.filled(&step.argv, places, running)?;
        let ready = &self.ready[running.spec.variant];
        let mut environment = ready.environment.clone();
        if let Some(scratch) = &places.scratch {
            environment.set("TMPDIR", scratch);
        }
        let events = self.directory.events(running.number);
        environment.set(protocol::EVENTS, &events);
        let pages = self.stand_in_for_malloc(running, &mut environment)?;
        let profiles = match &pages {
            Some(pages) if running.spec.instrument == Instrument::Profile => {
                Some(self.sample_processes(running, pages.clone(), &mut environment)?)
            }
            _ => None,
        };
        let job = StepJob {
            name: &step.name,
            start: Start {
                program: ready.program(index),
                argv,
                environment: environment.strings(),
                directory: ready.directory.clone(),
                ..Start::default()
            },
            stdin: stdin(&step.stdin, &ready.directory)?,
            stdout,
            channels: Channels::of_command(events, pages),
            expected: &step.exit_codes,
            scratch: places.scratch.clone(),
        };
        Ok((job, profiles))
    }

    /// Has the processes of a step counted or sampled from outside, or run on another allocator; where their pages will
    /// be. Nothing is loaded where none of it is asked for.
    fn stand_in_for_malloc(
        &self,
        running: &mut Running<'_>,
        environment: &mut Environment,
    ) -> Result<Option<Pages>, RunError> {
        let asked = match running.spec.instrument {
            Instrument::Count => Asked::Count,
            Instrument::Profile => Asked::Profile,
            Instrument::Clock | Instrument::Instructions | Instrument::Dhat => Asked::Clock,
        };
        let other = &self.ready[running.spec.variant].allocator;
        if asked == Asked::Clock && other.is_none() {
            return Ok(None);
        }
        let library = match preload::library() {
            Ok(library) => library,
            Err(why) => {
                let note = format!("nothing is known of its heap: {why}");
                running.trial.head.notes.push(note);
                return Ok(None);
            }
        };
        preload::load(environment, &library);
        if let Some(allocator) = other {
            preload::load(environment, allocator);
        }
        let choice = preload::other(running.variant.allocator).unwrap_or_default();
        environment.set(protocol::ALLOCATOR, choice.name());
        // A killed step runs again, and must not find the pages of its first time.
        let step = running.trial.steps.len();
        let directory = running.directory.directory(&format!("gauges-{step}"))?;
        environment.set(protocol::GAUGES, &directory);
        environment.set(protocol::INSTRUMENT, asked.name());
        Ok(Some(match asked {
            Asked::Count => Pages::counted(directory),
            _ => Pages::told(directory),
        }))
    }

    /// Hashes the canonical form of a completed command's output, and keeps what is to be kept.
    async fn identify(
        &mut self,
        command: &CommandSpec,
        places: &Places,
        running: &mut Running<'_>,
    ) -> Result<(), RunError> {
        let Some(output) = &places.output else {
            return Ok(());
        };
        if let Some(what) = not_a_file(output) {
            running.fail(Outcome::Failed, format!("failed: it completed, and {what}"));
            return Ok(());
        }
        // What comes out at another point of a sweep is another output: there is nothing to compare.
        if running.spec.point.is_some() {
            return Ok(());
        }
        if running
            .trial
            .head
            .notes
            .iter()
            .any(|note| note.ends_with("it is not compared"))
        {
            return Ok(());
        }
        let (name, extension) = match &command.output {
            OutputSpec::File(extension) => ("output", extension.as_str()),
            _ => ("stdout", "txt"),
        };
        self.keep_output(running, output, extension)?;
        let canonical = match &command.canonicalise {
            None => output.clone(),
            Some(canonicalise) => match self.canonical(canonicalise, output, running).await? {
                Ok(file) => file,
                Err((outcome, said)) => {
                    let note = format!("{said}; its output is not compared");
                    running.trial.head.notes.push(note);
                    if outcome == Outcome::Interrupted {
                        running.fail(outcome, said);
                    }
                    return Ok(());
                }
            },
        };
        let value = digest(&canonical)?;
        let directory = self.directory.path();
        let kept = self
            .keeper
            .keep(running.spec.variant, &value, &canonical, directory);
        running
            .trial
            .digests
            .insert(name.to_owned(), Identity { value, kept });
        Ok(())
    }

    /// Runs the canonicaliser: `{}` is the output's path; it reads the output, too.
    async fn canonical(
        &mut self,
        argv: &[String],
        output: &Path,
        running: &mut Running<'_>,
    ) -> Result<Result<PathBuf, (Outcome, String)>, RunError> {
        let file = running.directory.file("canonical")?;
        let path = output.to_string_lossy();
        let named: Vec<String> = argv
            .iter()
            .map(|argument| argument.replace("{}", &path))
            .collect();
        let places = Places {
            output: Some(output.to_owned()),
            scratch: None,
        };
        let argv = self.filled(&named, &places, running)?;
        let beside = Beside {
            what: "canonicalise",
            argv,
            environment: self.ready[running.spec.variant].environment.clone(),
            stdin: stdin(&Stdin::File(output.to_owned()), output)?,
            stdout: Stdout::File(create(&file)?),
        };
        let ran = self.run_beside(running, beside).await?;
        Ok(failed("canonicalise", &ran).map_or(Ok(file), Err))
    }

    /// Runs one of the variant's other commands; where it fails, so has the trial.
    async fn beside(
        &mut self,
        what: &'static str,
        argv: &[String],
        places: &Places,
        running: &mut Running<'_>,
    ) -> Result<bool, RunError> {
        let argv = self.filled(argv, places, running)?;
        let ready = &self.ready[running.spec.variant];
        let beside = Beside {
            what,
            argv,
            environment: ready.environment.clone(),
            stdin: stdin(&Stdin::Null, &ready.directory)?,
            stdout: discarded()?,
        };
        let ran = self.run_beside(running, beside).await?;
        let Some((outcome, said)) = failed(what, &ran) else {
            return Ok(true);
        };
        running.fail(outcome, format!("{outcome}: {said}"));
        Ok(false)
    }

    fn filled(
        &self,
        argv: &[String],
        places: &Places,
        running: &Running<'_>,
    ) -> Result<Vec<OsString>, RunError> {
        let index = running.spec.variant;
        let (params, inputs) = self.inputs(running.spec);
        let with = Fill {
            params,
            inputs,
            output: places.output.as_deref(),
            scratch: places.scratch.as_deref(),
            threads: self.ready[index].threads,
        };
        fill(argv, &with).map_err(|source| RunError::Template {
            variant: running.variant.id.clone(),
            source,
        })
    }

    /// Keeps the first output of each variant where the user asked for it.
    pub(super) fn keep_output(
        &mut self,
        running: &mut Running<'_>,
        output: &Path,
        extension: &str,
    ) -> Result<(), RunError> {
        let Some(directory) = &self.options.keep_output else {
            return Ok(());
        };
        let id = &running.variant.id;
        let name = match extension.trim_start_matches('.') {
            "" => file_name(id),
            extension => file_name(&format!("{id}.{extension}")),
        };
        let kept = directory.join(name);
        if running.spec.point.is_some() || !self.kept_for_user.insert(running.spec.variant) {
            return Ok(());
        }
        let failed = |doing, path: &Path| {
            let path = path.to_owned();
            move |source| RunError::File {
                doing,
                path,
                source,
            }
        };
        fs::create_dir_all(directory).map_err(failed("making", directory))?;
        // Under a name of this session's until it is whole: what a killed one left is known by it.
        let partial = directory.join(format!("{}-partial", SessionName::own()));
        fs::copy(output, &partial)
            .and_then(|_| fs::rename(&partial, &kept))
            .inspect_err(|_| {
                let _ = fs::remove_file(&partial);
            })
            .map_err(failed("keeping the output as", &kept))?;
        running
            .trial
            .head
            .notes
            .push(format!("output kept as {}", kept.display()));
        Ok(())
    }
}

/// How one of the variant's other commands failed, in words.
fn failed(what: &str, ran: &Ran) -> Option<(Outcome, String)> {
    let (outcome, how) = ran.failure()?;
    Some((outcome, format!("the variant's `{what}` command {how}")))
}

/// A variant's id as a file name.
pub(super) fn file_name(id: &str) -> String {
    id.replace(['/', '\0'], "_")
}

fn create(path: &Path) -> Result<File, RunError> {
    File::create(path).map_err(|source| RunError::File {
        doing: "making",
        path: path.to_owned(),
        source,
    })
}

/// Makes only what the command uses: each costs time that is the harness's, not the command's.
fn places(command: &CommandSpec, running: &mut Running<'_>) -> Result<Places, RunError> {
    let beside = [&command.prepare, &command.conclude];
    let beside = beside.into_iter().flatten();
    let mut all = command.steps.iter().map(|step| &step.argv).chain(beside);
    let uses_scratch = all.any(|argv| mentions(argv, "scratch"));
    let output = match &command.output {
        OutputSpec::None => None,
        OutputSpec::Stdout => Some(running.directory.file("stdout")?),
        OutputSpec::File(extension) => {
            let dot = if extension.is_empty() || extension.starts_with('.') {
                ""
            } else {
                "."
            };
            Some(running.directory.file(&format!("output{dot}{extension}"))?)
        }
    };
    let scratch = uses_scratch
        .then(|| running.directory.directory("scratch"))
        .transpose()?;
    Ok(Places { output, scratch })
}
