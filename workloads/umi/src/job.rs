//! What every implementation's run has in common: the file, the output's place, what is reported.

use std::fs;
use std::path::{Path, PathBuf};

use plimsoll_workload::{Context, Failure};

use crate::account::Ledger;
use crate::error::Error;
use crate::inputs;
use crate::measures;
use crate::metrics::Metrics;
use crate::params::Params;
use crate::settings::Settings;

/// What an implementation is given.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Job<'a> {
    /// The file to group.
    pub(crate) input: &'a Path,
    /// Where the grouped file goes.
    pub(crate) output: &'a Path,
    pub(crate) settings: &'a Settings,
    pub(crate) context: &'a Context,
    /// Whether records of a large group may go to files.
    pub(crate) spill: bool,
    /// What the run believes it holds.
    pub(crate) ledger: &'a Ledger<'a>,
}

/// What came of it.
#[derive(Debug)]
pub(crate) struct Grouped {
    pub(crate) metrics: Metrics,
    /// Numbers given to molecules.
    pub(crate) molecules: u64,
    pub(crate) output_bytes: u64,
    /// Most bytes that waited between the parts of the pass.
    pub(crate) queue_peak: u64,
    /// Bytes of records that were kept in files.
    pub(crate) spilled: u64,
}

/// An implementation. Without a result the output's place stays as it was.
pub(crate) type Group = fn(&Job<'_>) -> Result<Grouped, Error>;

/// Groups the prepared file, writes the metrics files, and reports.
pub(crate) fn run(group: Group, params: &Params, context: &Context) -> Result<(), Failure> {
    let settings = params.settings()?;
    let output = output_path(context);
    let ledger = Ledger::new(context);
    let job = Job {
        input: &inputs::file(context.inputs()),
        output: &output,
        settings: &settings,
        context,
        spill: params.spill,
        ledger: &ledger,
    };
    let grouped = match group(&job) {
        Ok(grouped) => grouped,
        // It ends early because it was told to; the context has noted that.
        Err(_) if context.cancelled() => return Ok(()),
        Err(error) => return Err(error.into()),
    };
    let mut digest = context.digest(measures::METRICS_DIGEST);
    for (name, text) in grouped.metrics.files() {
        let path = context.scratch().join(name);
        fs::write(&path, &text).map_err(|error| Failure::io("writing", &path, error))?;
        digest.update(text.as_bytes());
    }
    digest.finish();
    measures::report(context, &grouped, ledger.peak());
    Ok(())
}

/// Where a run's grouped file is: at its output's place, or in its scratch directory.
pub(crate) fn output_path(context: &Context) -> PathBuf {
    (context.output()).unwrap_or_else(|| context.scratch().join("grouped.bam"))
}
