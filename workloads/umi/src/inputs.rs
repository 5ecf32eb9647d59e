//! A run's input: one BAM file, generated, or a copy of a given one.

use std::fs;
use std::path::{Path, PathBuf};
use std::thread;

use plimsoll_workload::Failure;

use crate::generate;
use crate::params::Params;
use crate::records::open;

/// The file in a directory of inputs.
pub(crate) fn file(directory: &Path) -> PathBuf {
    directory.join("input.bam")
}

/// Makes the input in `directory`, with all processors. A given file must have the header that grouping needs.
///
/// # Errors
/// A parameter is out of range; a given file cannot be read, is no BAM file, or is in another order; the disk has no room.
pub(crate) fn prepare(params: &Params, directory: &Path) -> Result<(), Failure> {
    params.settings()?;
    let to = file(directory);
    if let Some(given) = &params.input {
        open(given)?;
        let doing = format!("copying {} to", given.display());
        fs::copy(given, &to).map_err(|error| Failure::io(&doing, &to, error))?;
        return Ok(());
    }
    params.check_generated()?;
    let threads = thread::available_parallelism().map_or(1, usize::from);
    generate::write(&to, params.shape, params.records, params.seed, threads)
}
