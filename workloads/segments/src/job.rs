//! What every implementation's run has in common: the inputs, the archive's place, what is reported.

use std::io;
use std::path::{Path, PathBuf};

use plimsoll_workload::{Context, Failure};

use crate::inputs::{Inputs, Sample};
use crate::params::{Params, Settings};
use crate::report::Totals;

/// What an implementation is given.
#[derive(Debug)]
pub struct Job<'a> {
    /// The samples, the reference first.
    pub samples: &'a [Sample],
    /// All parameters, known to be in their ranges.
    pub params: &'a Params,
    /// Those that decide the archive.
    pub settings: Settings,
    /// Where the archive goes.
    pub archive: &'a Path,
    /// The run's surroundings.
    pub context: &'a Context,
}

/// An implementation: writes the archive and says what is in it, or nothing of both if the run was cancelled.
pub type Compress = fn(&Job<'_>) -> Result<Option<Totals>, Failure>;

/// Compresses the prepared inputs and reports what came of it.
pub(crate) fn run(compress: Compress, params: &Params, context: &Context) -> Result<(), Failure> {
    let settings = params.settings()?;
    let inputs = Inputs::open(context.inputs())?;
    let job = Job {
        samples: inputs.samples(),
        params,
        settings,
        archive: &archive_path(context),
        context,
    };
    if let Some(totals) = compress(&job)? {
        totals.report(context);
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

/// Making the archive failed; these errors name the file, or what zstd was asked for.
pub(crate) fn archive_failure(error: io::Error) -> Failure {
    Failure::Other(error.to_string())
}
