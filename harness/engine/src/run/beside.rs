//! Processes that run beside a measured one: prepare, conclude, canonicalise, verify. Unmeasured,
//! but just as sure to be ended and to leave nothing behind.

use std::ffi::OsString;
use std::fs::File;
use std::time::Duration;

use plimsoll_workload::Bytes;
use tokio::time::Instant;

use super::caps::Leaf;
use super::diagnose::{duration, last_line, signal_name};
use super::environment::Environment;
use super::error::RunError;
use super::fork_server::Start;
use super::measured::exit;
use super::processes::Processes;
use super::session::Core;
use super::supervise::{Ended, Launch, Stdout, Watch, supervise};
use super::trial::Running;
use super::watch::CapWatch;
use super::watchdog::Cause;
use crate::evidence::{Exit, Outcome};

/// A process beside the measured one.
pub(super) struct Beside {
    /// `prepare`, `conclude`, `canonicalise` or `verify`.
    pub(super) what: &'static str,
    pub(super) argv: Vec<OsString>,
    pub(super) environment: Environment,
    pub(super) stdin: File,
    pub(super) stdout: Stdout,
}

/// One that has ended.
pub(super) struct Ran {
    pub(super) ended: Ended,
    /// Where it did not end well.
    pub(super) failed: Option<Failure>,
}

/// How one ended that did not end well.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Failure {
    /// What that makes of the trial.
    pub(super) outcome: Outcome,
    /// In words that follow its name.
    pub(super) how: String,
    /// Its exit status, where it ended by itself: neither the harness nor the kernel has killed it,
    /// or a process of its own.
    pub(super) status: Option<i32>,
}

impl Failure {
    fn of(outcome: Outcome, how: String) -> Self {
        Self {
            outcome,
            how,
            status: None,
        }
    }
}

impl Ran {
    /// How it ended and what it said last, in words that follow its name; nothing where it went well.
    pub(super) fn failure(&self) -> Option<(Outcome, String)> {
        let Failure { outcome, how, .. } = self.failed.as_ref()?;
        let words = match last_line(&self.ended.stderr) {
            Some(line) => format!("{how}; it said: {line}"),
            None => how.clone(),
        };
        Some((*outcome, words))
    }
}

/// Nothing to see but its memory: it has the wall limit, the cap, and the user's patience.
struct Unmeasured<'a> {
    server: i32,
    cap: CapWatch<'a>,
}

impl Watch for Unmeasured<'_> {
    fn interval(&self) -> Duration {
        self.cap.interval()
    }

    fn started(&mut self, _pid: i32, _at: u64, _now: Instant) {}

    fn look(&mut self, _elapsed: Duration) -> Option<Cause> {
        let resident = || {
            let processes = Processes::new();
            processes
                .activity(&processes.descendants(self.server))
                .resident
        };
        self.cap.oom().or_else(|| self.cap.passed(resident))
    }
}

impl Core {
    /// Runs it to its end, under all the memory that a trial may be given.
    pub(super) async fn run_beside(
        &mut self,
        running: &Running<'_>,
        beside: Beside,
    ) -> Result<Ran, RunError> {
        let variant = running.variant;
        let leaf = self.machine_leaf(&format!("{}-{}", running.number, beside.what))?;
        let ready = &self.ready[running.spec.variant];
        let name = beside.argv.first().cloned().unwrap_or_default();
        let start = Start {
            program: ready.find(name, variant)?,
            argv: beside.argv,
            environment: beside.environment.strings(),
            directory: ready.directory.clone(),
            cgroups: leaf.iter().filter_map(|leaf| leaf.procs()).collect(),
            ..Start::default()
        };
        let limits = &self.options.plan.limits;
        let launch = Launch {
            start,
            stdin: beside.stdin,
            stdout: beside.stdout,
            wall: limits.wall,
            grace: limits.grace,
            kill_after: None,
        };
        let mut watch = Unmeasured {
            server: self.server.pid(),
            cap: CapWatch::new(leaf.as_deref(), self.caps.kind()),
        };
        let ended = supervise(&mut self.server, launch, &mut watch, &mut self.interrupts)
            .await
            .map_err(|source| RunError::Supervision {
                variant: variant.id.clone(),
                source,
            })?;
        let failed = failed(&ended, leaf.as_deref(), limits.wall);
        Ok(Ran { ended, failed })
    }
}

/// What it makes of a trial, and how it ended; nothing where it ended well.
fn failed(ended: &Ended, leaf: Option<&dyn Leaf>, wall: Duration) -> Option<Failure> {
    let cap = leaf.map(Leaf::evidence);
    let out_of_memory =
        cap.filter(|cap| cap.oom_kills > 0 || matches!(ended.cause, Some(Cause::Cap | Cause::Oom)));
    if let Some(cap) = out_of_memory {
        let how = format!("was killed at the memory cap of {}", Bytes(cap.limit));
        return Some(Failure::of(Outcome::Failed, how));
    }
    let mut status = None;
    let how = match (ended.begun, ended.cause, exit(ended.main.status)) {
        (Err((stage, errno)), ..) => {
            let why = std::io::Error::from_raw_os_error(errno);
            format!("could not {}: {why}", stage.words())
        }
        (_, Some(Cause::Interrupted), _) => {
            let how = "was interrupted by the user".to_owned();
            return Some(Failure::of(Outcome::Interrupted, how));
        }
        (_, Some(_), _) => {
            let wall = duration(wall);
            format!("was still running after {wall} (`limits.wall`)")
        }
        (_, None, Exit::Code(0)) => return None,
        (_, None, Exit::Code(code)) => {
            status = Some(code);
            format!("ended with exit status {code}")
        }
        (_, None, Exit::Signal(signal)) => match signal_name(signal) {
            Some(name) => format!("ended with signal {signal} ({name})"),
            None => format!("ended with signal {signal}"),
        },
    };
    Some(Failure {
        outcome: Outcome::Failed,
        how,
        status,
    })
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::evidence::CapEvidence;
    use crate::run::course::Begun;
    use crate::run::fork_server::Reaped;
    use crate::run::thrash::Pressure;

    /// A cap at which the kernel has killed so many processes.
    #[derive(Debug)]
    struct Cap(u64);

    impl Leaf for Cap {
        fn procs(&self) -> Option<PathBuf> {
            None
        }

        fn oom_kills(&self) -> u64 {
            self.0
        }

        fn pressure(&self) -> Pressure {
            Pressure::default()
        }

        fn evidence(&self) -> CapEvidence {
            CapEvidence {
                kind: "cgroup-v1".to_owned(),
                limit: 1 << 20,
                peak: None,
                oom_kills: self.0,
            }
        }
    }

    fn exited(code: i32, oom_kills: u64, cause: Option<Cause>) -> Option<Failure> {
        let ended = Ended {
            begun: Ok(Begun { at: 0, floor: 0 }),
            main: Reaped {
                status: code << 8,
                ..Reaped::default()
            },
            orphans: Vec::new(),
            cause,
            counted: None,
            killed_behind: 0,
            stderr: String::new(),
            stdout_bytes: 0,
            stdout_cut: None,
        };
        failed(&ended, Some(&Cap(oom_kills)), Duration::from_secs(1))
    }

    #[test]
    fn a_status_is_its_own_only_where_nobody_was_killed() {
        assert_eq!(exited(0, 0, None), None);
        let own = exited(1, 0, None).unwrap();
        assert_eq!(own.status, Some(1));
        assert_eq!(own.how, "ended with exit status 1");
        let lost_a_child = exited(1, 1, None).unwrap();
        assert_eq!(lost_a_child.status, None);
        assert_eq!(lost_a_child.how, "was killed at the memory cap of 1 MiB");
        assert_eq!(exited(1, 0, Some(Cause::Wall)).unwrap().status, None);
        assert_eq!(exited(1, 0, Some(Cause::Interrupted)).unwrap().status, None);
    }
}
