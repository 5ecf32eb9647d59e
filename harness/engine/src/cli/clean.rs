//! `plimsoll clean`: removes cached inputs and what killed sessions left behind.

use std::fmt::Write as _;
use std::fs;
use std::io::{self, Write};
use std::path::Path;

use super::args::CleanArgs;
use super::entry::print;
use super::failure::CliFailure;
use super::session_files::{abandoned, salvaged};
use crate::judge::ExitCode;
use crate::report::format::{bytes, counted};
use crate::run::inputs::{InputCache, InputsError};
use crate::run::sweep;

/// Removes them, or says what it would remove.
pub(super) fn clean(args: &CleanArgs, out: &mut dyn Write) -> Result<ExitCode, CliFailure> {
    let fail = |error: InputsError| CliFailure::unmeasured(error.to_string());
    let cache = InputCache::of_user().map_err(fail)?;
    let place = cache.root().display();
    let (entries, size) = cache.contents().map_err(fail)?;
    let sessions = abandoned(&args.out);
    let verb = if args.dry_run {
        "would remove"
    } else {
        "removed"
    };
    let left = |text: &mut String, path: &Path| {
        let _ = writeln!(text, "{verb} {}, left by a killed session", path.display());
    };
    let mut text = String::new();
    if entries > 0 {
        let cleaned = if args.dry_run {
            None
        } else {
            Some(cache.clean().map_err(fail)?)
        };
        let (gone, freed) = cleaned.map_or((entries, size), |done| (done.entries, done.bytes));
        let what = counted_inputs(gone);
        let _ = writeln!(
            text,
            "{verb} {what} of {} from {place}",
            bytes(freed as f64)
        );
        if let Some(kept) = cleaned.map(|done| done.in_use).filter(|kept| *kept > 0) {
            let _ = writeln!(text, "kept {}: a session uses them", counted_inputs(kept));
        }
    }
    for session in sessions {
        let directory = &session.directory;
        if !args.dry_run {
            fs::remove_dir_all(directory).map_err(cannot_remove(directory))?;
        }
        left(&mut text, directory);
    }
    for journal in salvaged(&args.out) {
        if !args.dry_run {
            fs::remove_file(&journal).map_err(cannot_remove(&journal))?;
        }
        left(&mut text, &journal);
    }
    if !args.dry_run {
        let (directories, cgroups) = sweep(&args.out);
        if directories + cgroups > 0 {
            let _ = writeln!(
                text,
                "removed what killed sessions left: {}, {}",
                counted_of(directories, "scratch directory", "scratch directories"),
                counted(cgroups, "cgroup"),
            );
        }
    }
    if text.is_empty() {
        let _ = writeln!(
            text,
            "nothing to remove: no inputs in {place}, no killed sessions in {}",
            args.out.display()
        );
    }
    print(out, &text)
}

fn cannot_remove(path: &Path) -> impl FnOnce(io::Error) -> CliFailure {
    let path = path.display().to_string();
    move |error| CliFailure::unmeasured(format!("cannot remove {path}: {error}"))
}

fn counted_of(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

fn counted_inputs(number: u32) -> String {
    counted(number as usize, "input")
}
