//! What every implementation's run has in common: the inputs, the archive's place, what is reported.

use std::io;
use std::path::PathBuf;

use plimsoll_workload::{Context, Failure};

use crate::archive::ArchiveFile;
use crate::counts::Counts;
use crate::inputs::Inputs;
use crate::params::{Levels, Params, Settings};

/// What an implementation is given.
#[derive(Debug, Clone, Copy)]
pub struct Job<'a> {
    /// The samples, the reference first.
    pub inputs: &'a Inputs,
    /// All parameters, known to be in their ranges.
    pub params: &'a Params,
    /// Those that decide the archive.
    pub settings: &'a Settings,
    /// The run's surroundings.
    pub context: &'a Context,
}

/// An implementation: writes the archive and says what is in it. Without a result, or dropped before it is committed,
/// the archive's place stays as it was.
pub type Compress = fn(ArchiveFile, &Job<'_>) -> Result<Counts, Failure>;

/// Compresses the prepared inputs and reports what came of it.
pub(crate) fn run(
    compress: Compress,
    levels: Levels,
    params: &Params,
    context: &Context,
) -> Result<(), Failure> {
    let settings = params.settings(levels)?;
    let inputs = Inputs::open(context.inputs())?;
    let file = ArchiveFile::create(&archive_path(context)).map_err(archive_failure)?;
    let job = Job {
        inputs: &inputs,
        params,
        settings: &settings,
        context,
    };
    match compress(file, &job) {
        Ok(counts) => counts.report(context),
        // It ends early because it was told to; the context has noted that.
        Err(_) if context.cancelled() => {}
        Err(failure) => return Err(failure),
    }
    Ok(())
}

/// Where a run's archive is: at its output's place, or in its scratch directory.
#[must_use]
pub fn archive_path(context: &Context) -> PathBuf {
    context
        .output()
        .unwrap_or_else(|| context.scratch().join("archive.segw"))
}

/// What an implementation ends with that was told to leave.
pub(crate) fn cancelled() -> Failure {
    Failure::Other("the run was cancelled, and no archive was written; start it again".to_owned())
}

/// Making the archive failed; these errors name the file, or what zstd was asked for.
pub(crate) fn archive_failure(error: io::Error) -> Failure {
    Failure::Other(error.to_string())
}
