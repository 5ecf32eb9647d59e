//! Holding a session against a saved baseline, and keeping it for later ones.

use std::path::PathBuf;

use super::args::RunArgs;
use super::compare::no_such;
use super::failure::CliFailure;
use crate::analyze::{Choice, ResultSet, compare};
use crate::judge::{ExitCode, gate};
use crate::notice::{Notice, Observer};
use crate::report::{Report, WriteError, stored};

/// What the session at hand is called beside a baseline.
const THIS_RUN: &str = "this run";

/// The baselines that a run was asked to use.
#[derive(Debug)]
pub(super) struct Against {
    out: PathBuf,
    baseline: Option<ResultSet>,
    choice: Choice,
    strict: bool,
    save: Option<String>,
}

impl Against {
    /// Finds what was asked for before anything is run.
    pub(super) fn new(args: &RunArgs) -> Result<Self, CliFailure> {
        if let Some(name) = args
            .save_baseline
            .as_ref()
            .filter(|name| !stored::is_baseline_name(name))
        {
            return Err(CliFailure::usage(format!(
                "`{name}` cannot be a baseline's name: use letters, digits, `-`, `_` and `.`, the first no dot"
            )));
        }
        let found = |name: &String| match stored::baseline(&args.out, name) {
            Ok(Some(results)) => Ok(ResultSet {
                name: name.clone(),
                results,
            }),
            Ok(None) => Err(CliFailure::usage(no_such(name, &args.out))),
            Err(error) => Err(CliFailure::usage(error.to_string())),
        };
        Ok(Self {
            out: args.out.clone(),
            baseline: args.baseline.as_ref().map(found).transpose()?,
            choice: Choice {
                fail_above: args.fail_above,
                ..Choice::default()
            },
            strict: args.strict,
            save: args.save_baseline.clone(),
        })
    }

    /// Puts the comparison into a report, and what it amounts to into its exit code.
    pub(super) fn judge(&self, report: &mut Report, observer: &mut dyn Observer) {
        let Some(baseline) = &self.baseline else {
            return;
        };
        let like = |one: &&Report| one.subject() == report.subject();
        let Some(old) = baseline.results.iter().find(like) else {
            observer.notice(Notice::Note {
                text: format!(
                    "the baseline `{}` has no {}: nothing is compared",
                    baseline.name,
                    report.subject()
                ),
            });
            return;
        };
        let set = |name: &str, report: &Report| ResultSet {
            name: name.to_owned(),
            results: vec![report.clone()],
        };
        let sets = [set(&baseline.name, old), set(THIS_RUN, report)];
        let history = stored::history(&self.out, report.subject());
        let mut comparison = compare(&sets, &history, &self.choice);
        let code = gate(&comparison, self.strict);
        comparison.exit_code = code.code();
        let before = ExitCode::ORDER
            .into_iter()
            .find(|code| code.code() == report.exit_code);
        let both = [before.unwrap_or(ExitCode::NotMeasured), code];
        report.exit_code = ExitCode::worst(both).code();
        report.comparison = Some(comparison);
    }

    /// Remembers the session, and saves it as a baseline where that was asked for. A session that was cut short is
    /// neither.
    pub(super) fn keep(
        &self,
        report: &Report,
        observer: &mut dyn Observer,
    ) -> Result<(), WriteError> {
        let mut note = |text: String| observer.notice(Notice::Note { text });
        if report.interrupted {
            if self.save.is_some() {
                note("the session was interrupted and is not saved as a baseline".to_owned());
            }
            return Ok(());
        }
        if let Err(error) = stored::remember(&self.out, report) {
            note(format!("the session is not remembered: {error}"));
        }
        if let Some(name) = &self.save {
            let place = stored::save_baseline(&self.out, name, report)?;
            note(format!("saved as baseline `{name}` in {}", place.display()));
        }
        Ok(())
    }
}
