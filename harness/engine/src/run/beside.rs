//! Commands that run beside a measured one: prepare, conclude, canonicalise. Unmeasured, but just
//! as sure to leave nothing behind.

use std::ffi::OsString;
use std::fs::File;
use std::time::Duration;

use tokio::time::Instant;

use super::error::RunError;
use super::fork_server::Start;
use super::measured::exit;
use super::session::Core;
use super::supervise::{Launch, Stdout, TICK, Watch, supervise};
use super::watchdog::Cause;
use crate::evidence::{Exit, Outcome};
use crate::plan::PlannedVariant;

/// A command beside the measured one.
pub(super) struct Beside<'a> {
    /// `prepare`, `conclude` or `canonicalise`.
    pub(super) what: &'static str,
    pub(super) variant: &'a PlannedVariant,
    /// Index of the variant in the plan.
    pub(super) index: usize,
    pub(super) argv: Vec<OsString>,
    pub(super) stdin: File,
    pub(super) stdout: Stdout,
}

/// How it failed, in words, and what that makes of the trial.
pub(super) struct Failure {
    pub(super) outcome: Outcome,
    pub(super) said: String,
}

/// Nothing to see: it has the wall limit and the user's patience.
struct Unwatched;

impl Watch for Unwatched {
    fn interval(&self) -> Duration {
        TICK
    }

    fn started(&mut self, _pid: i32, _at: u64, _now: Instant) {}

    fn look(&mut self, _elapsed: Duration) -> Option<Cause> {
        None
    }
}

impl Core {
    /// Runs it to its end; the inner error says how it failed.
    pub(super) async fn run_beside(
        &mut self,
        beside: Beside<'_>,
    ) -> Result<Result<(), Failure>, RunError> {
        let ready = &self.ready[beside.index];
        let name = beside.argv.first().cloned().unwrap_or_default();
        let start = Start {
            program: ready.find(name, beside.variant)?,
            argv: beside.argv,
            environment: ready.environment.strings(),
            directory: ready.directory.clone(),
            ..Start::default()
        };
        let limits = &self.options.plan.limits;
        let launch = Launch {
            start,
            stdin: beside.stdin,
            stdout: beside.stdout,
            wall: limits.wall,
            grace: limits.grace,
        };
        let ended = supervise(
            &mut self.server,
            launch,
            &mut Unwatched,
            &mut self.interrupts,
        )
        .await
        .map_err(|source| RunError::Supervision {
            variant: beside.variant.id.clone(),
            source,
        })?;
        let how = match (ended.begun, ended.cause, exit(ended.main.status)) {
            (Err((stage, errno)), ..) => {
                let why = std::io::Error::from_raw_os_error(errno);
                format!("could not {}: {why}", stage.words())
            }
            (_, Some(Cause::Interrupted), _) => {
                let said = format!("interrupted by the user during `{}`", beside.what);
                return Ok(Err(Failure {
                    outcome: Outcome::Interrupted,
                    said,
                }));
            }
            (_, Some(_), _) => format!("was still running after {:?} (`limits.wall`)", limits.wall),
            (_, None, Exit::Code(0)) => return Ok(Ok(())),
            (_, None, exit) => format!("ended with {exit}"),
        };
        let last = ended
            .stderr
            .lines()
            .rev()
            .map(str::trim)
            .find(|line| !line.is_empty());
        let words = last.map_or_else(String::new, |line| format!("; it said: {line}"));
        let said = format!("the variant's `{}` command {how}{words}", beside.what);
        Ok(Err(Failure {
            outcome: Outcome::Failed,
            said,
        }))
    }
}
