//! The way in: which of its three modes this process is in, and how a command's end becomes an exit code.

use std::ffi::OsString;
use std::io::{self, Write};
use std::process::ExitCode;

use clap::Parser;
use plimsoll_workload::Registry;

use super::args::{Cli, Command};
use super::failure::CliFailure;
use super::{check, clean, compare, doctor, floor, list, report, run, schema};
use crate::judge;
use crate::run::fork_server;

/// The hidden command under which this binary speaks the workload protocol for its own workloads.
pub(super) const WORKLOAD_COMMAND: &str = "workload";

/// The whole command. `registry` holds the workloads that are built into the binary.
///
/// One executable is three things: the fork server, a measured workload, and the supervisor that
/// the user talks to. The first two are entered before anything else is touched.
pub fn main(registry: &Registry) -> ExitCode {
    fork_server::enter_if_asked();
    let mut args: Vec<OsString> = std::env::args_os().collect();
    if args.get(1).is_some_and(|arg| arg == WORKLOAD_COMMAND) {
        return registry.main(args.split_off(2));
    }
    let cli = Cli::parse_from(args);
    let mut out = io::stdout().lock();
    let ended = obey(cli, &mut out).and_then(|code| {
        out.flush()
            .map_err(|error| CliFailure::unmeasured(format!("cannot print: {error}")))?;
        Ok(code)
    });
    match ended {
        Ok(code) => ExitCode::from(code.code()),
        Err(failure) => {
            failure.tell();
            ExitCode::from(failure.code.code())
        }
    }
}

fn obey(cli: Cli, out: &mut dyn Write) -> Result<judge::ExitCode, CliFailure> {
    match cli.command {
        None => run::run(&cli.run, out),
        Some(Command::Run(args)) => run::run(&args, out),
        Some(Command::Floor(args)) => floor::floor(&args, out),
        Some(Command::List(args)) => list::list(&args, out),
        Some(Command::Check(args)) => check::check(&args, out),
        Some(Command::Compare(args)) => compare::compare(&args, out),
        Some(Command::Report(args)) => report::report(&args, out),
        Some(Command::Clean(args)) => clean::clean(&args, out),
        Some(Command::Doctor(args)) => doctor::doctor(&args, out),
        Some(Command::Schema(args)) => print(out, &schema::schema(args.of)?),
        Some(Command::Completions { shell }) => {
            schema::completions(shell, out)?;
            Ok(judge::ExitCode::Held)
        }
    }
}

/// Prints `text` and ends well.
pub(super) fn print(out: &mut dyn Write, text: &str) -> Result<judge::ExitCode, CliFailure> {
    match out.write_all(text.as_bytes()) {
        // A reader that has seen enough, such as `head`, is no failure.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(judge::ExitCode::Held),
        Err(error) => Err(CliFailure::unmeasured(format!("cannot print: {error}"))),
        Ok(()) => Ok(judge::ExitCode::Held),
    }
}
