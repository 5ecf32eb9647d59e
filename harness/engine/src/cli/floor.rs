//! `plimsoll floor`: only the search for the smallest memory cap under which variants complete.

use std::io::Write;

use super::args::FloorArgs;
use super::failure::CliFailure;
use super::run::run_as;
use crate::judge::ExitCode;
use crate::plan::FloorRequest;

/// Runs the search for every variant that is asked for, prints what it found, and gives the exit
/// code that it amounts to.
pub(super) fn floor(args: &FloorArgs, out: &mut dyn Write) -> Result<ExitCode, CliFailure> {
    let request = FloorRequest {
        repeats: args.repeats,
        precision: args.precision,
        attempts: args.max_attempts,
    };
    run_as(&args.run, Some(request), out)
}
