//! Heap profiles that trials leave behind: read, and kept beside the report.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use plimsoll_workload::env as protocol;

use super::command::{file_name, not_a_file};
use super::environment::Environment;
use super::error::RunError;
use super::pages::Pages;
use super::session::Core;
use super::trial::Running;
use crate::evidence::{HeapProfile, Instrument};
use crate::observe::{largest_sites, read_heap_profile, write_sampled};
use crate::report::folded;
use crate::report::format::bytes;

/// Call sites that are kept of a heap profile by each of its figures; differences of profiles are made from these.
const CALL_SITES: usize = 100;

/// The file for the profile of the step of that index, where the trial takes one. dhat makes its own; the sampler's is
/// there before the program.
pub(super) fn profile_file(
    running: &mut Running<'_>,
    step: usize,
) -> Result<Option<PathBuf>, RunError> {
    let path = match running.spec.instrument {
        Instrument::Dhat => running.directory.file(&format!("dhat-heap-{step}.json"))?,
        Instrument::Profile => {
            let path = running.directory.file(&format!("heap-profile-{step}"))?;
            File::create(&path).map_err(|source| RunError::File {
                doing: "making the file for the heap profile",
                path: path.clone(),
                source,
            })?;
            path
        }
        Instrument::Clock | Instrument::Count | Instrument::Instructions => return Ok(None),
    };
    Ok(Some(path))
}

/// Where the processes of a step leave their sampled profiles.
pub(super) struct Profiles {
    directory: PathBuf,
    /// Their gauge pages: what they say where there is no profile.
    pages: Pages,
}

impl Core {
    /// Has the processes of a step of a plain command sampled, each in a file of its own.
    pub(super) fn sample_processes(
        &self,
        running: &mut Running<'_>,
        pages: Pages,
        environment: &mut Environment,
    ) -> Result<Profiles, RunError> {
        let step = running.trial.steps.len();
        let directory = running
            .directory
            .directory(&format!("heap-profiles-{step}"))?;
        let measure = &self.options.plan.measure;
        environment.set(protocol::PROFILE_OUTPUT, &directory);
        if let Some(every) = measure.profile {
            environment.set(protocol::PROFILE_EVERY, every.to_string());
        }
        environment.set(protocol::PROFILE_SEED, measure.seed.to_string());
        Ok(Profiles { directory, pages })
    }

    /// Takes in what the processes of a step sampled, whichever way they ended.
    pub(super) fn take_profiles_of_processes(
        &mut self,
        running: &mut Running<'_>,
        profiles: &Profiles,
        step: &str,
    ) -> Result<(), RunError> {
        match profiles.pages.read().loaded() {
            Ok(()) => self.take_sampled_profile(running, &profiles.directory, step),
            Err(why) => {
                let note = format!("no heap profile: {why}");
                running.trial.head.notes.push(note);
                Ok(())
            }
        }
    }

    /// Takes in what dhat wrote, which is nothing where the program ended before it could. `step` is empty where there
    /// is only one.
    pub(super) fn take_dhat_profile(
        &mut self,
        running: &mut Running<'_>,
        file: &Path,
        step: &str,
    ) -> Result<(), RunError> {
        if not_a_file(file).is_some() {
            return Ok(());
        }
        self.take_profile(running, file, step, "dhat-heap.json")
    }

    /// Takes in what the program sampled, in a file or those of a directory, whichever way it ended.
    pub(super) fn take_sampled_profile(
        &mut self,
        running: &mut Running<'_>,
        file: &Path,
        step: &str,
    ) -> Result<(), RunError> {
        let named = file.with_extension("json");
        let every = self.options.plan.measure.profile.unwrap_or_default();
        let what = [running.variant.id.as_str(), step].join(" ");
        let command = format!(
            "{}: estimates from a sample in {}",
            what.trim(),
            bytes(every as f64)
        );
        match write_sampled(file, &named, &command) {
            Ok(notes) => {
                running.trial.head.notes.extend(notes);
                self.take_profile(running, &named, step, "profile.dhat-heap.json")
            }
            Err(error) => {
                let note = format!("no heap profile: {error}");
                running.trial.head.notes.push(note);
                Ok(())
            }
        }
    }

    /// Reads a step's profile, and keeps the file, which the public viewer reads. The trial's profile is that of the
    /// step with the highest peak.
    fn take_profile(
        &mut self,
        running: &mut Running<'_>,
        file: &Path,
        step: &str,
        extension: &str,
    ) -> Result<(), RunError> {
        let mut profile = match read_heap_profile(file) {
            Ok(profile) => profile,
            Err(error) => {
                let note = format!("the heap profile: {error}");
                running.trial.head.notes.push(note);
                return Ok(());
            }
        };
        let kept = self.keep_profile(running, file, step, extension)?;
        self.keep_folded(&profile, kept.as_deref())?;
        profile.sites = largest_sites(profile.sites, CALL_SITES);
        let before = running.trial.profile.as_ref();
        if before.is_none_or(|before| profile.at_peak > before.at_peak) {
            running.trial.profile = Some(HeapProfile {
                file: kept,
                ..profile
            });
        }
        Ok(())
    }

    /// The name of the copy beside the report, where one is kept.
    fn keep_profile(
        &self,
        running: &Running<'_>,
        file: &Path,
        step: &str,
        extension: &str,
    ) -> Result<Option<String>, RunError> {
        let Some(directory) = &self.options.profiles else {
            return Ok(None);
        };
        let variant = file_name(&running.variant.id);
        let name = match step {
            "" => format!("{variant}.{extension}"),
            step => format!("{variant}.{step}.{extension}"),
        };
        let kept = directory.join(&name);
        fs::create_dir_all(directory)
            .and_then(|()| fs::copy(file, &kept))
            .map_err(|source| RunError::File {
                doing: "keeping the heap profile as",
                path: kept,
                source,
            })?;
        Ok(Some(name))
    }

    /// Writes a profile's folded stacks, of all its call sites, beside the copy of that name: bytes live at the peak as
    /// `NAME.folded`, bytes allocated over the run as `NAME.total.folded`.
    fn keep_folded(&self, profile: &HeapProfile, kept: Option<&str>) -> Result<(), RunError> {
        let (Some(directory), Some(kept)) = (&self.options.profiles, kept) else {
            return Ok(());
        };
        let name = kept.trim_end_matches(".dhat-heap.json");
        for (extension, text) in [
            ("folded", folded(profile, |site| site.at_peak)),
            ("total.folded", folded(profile, |site| site.total)),
        ] {
            let path = directory.join(format!("{name}.{extension}"));
            fs::write(&path, text).map_err(|source| RunError::File {
                doing: "writing the folded stacks",
                path,
                source,
            })?;
        }
        Ok(())
    }
}
