//! One process from its start to the point where nothing of it is left.

use std::fs::File;
use std::io;
use std::os::fd::AsFd;
use std::time::Duration;

use plimsoll_workload::clock::monotonic_ns;
use tokio::time::{Instant, sleep_until};

use super::course::{Begun, Course};
use super::fork_server::{ForkServer, Reaped, Report, Request, Stage, Start};
use super::interrupt::Interrupts;
use super::streams::Drain;
use super::watchdog::Cause;

/// Between two looks at a running trial.
pub(crate) const TICK: Duration = Duration::from_millis(100);

/// A process to start and its standard streams.
pub(crate) struct Launch {
    pub(crate) start: Start,
    pub(crate) stdin: File,
    pub(crate) stdout: Stdout,
    /// `limits.wall`.
    pub(crate) wall: Duration,
    /// `limits.grace`.
    pub(crate) grace: Duration,
    /// When the scenario wants it killed, from its start.
    pub(crate) kill_after: Option<Duration>,
}

/// Where standard output goes.
pub(crate) enum Stdout {
    /// Straight into this file (or device).
    File(File),
    /// Into this file, up to so many bytes.
    Capped(File, u64),
}

/// Looks at a running process, and may want it ended.
pub(crate) trait Watch {
    /// How long until the first look, and from each look to the next.
    fn interval(&self) -> Duration;
    /// Called once, when the program was executed.
    fn started(&mut self, pid: i32, at: u64, now: Instant);
    /// Called every interval.
    fn look(&mut self, elapsed: Duration) -> Option<Cause>;
}

/// What is known about a process when nothing of it is left.
#[derive(Debug)]
pub(crate) struct Ended {
    /// When and above which floor it was executed; or what failed.
    pub(crate) begun: Result<Begun, (Stage, i32)>,
    /// The main process.
    pub(crate) main: Reaped,
    /// The others, in the order of their ends.
    pub(crate) orphans: Vec<Reaped>,
    /// Why the harness ended it, where it did.
    pub(crate) cause: Option<Cause>,
    /// What was counted, or the error number of why nothing was; where anything was to be.
    pub(crate) counted: Option<Result<u64, i32>>,
    /// Processes that outlived the main one by themselves, and were killed.
    pub(crate) killed_behind: usize,
    /// The end of standard error.
    pub(crate) stderr: String,
    /// Bytes written to standard output, where it was counted.
    pub(crate) stdout_bytes: u64,
    /// Why standard output is not whole, where it was to be kept.
    pub(crate) stdout_cut: Option<String>,
}

/// Starts a process, watches it, ends it where it must be, and waits until nothing is left.
///
/// # Errors
/// The fork server is gone, or a process can't be killed.
pub(crate) async fn supervise(
    server: &mut ForkServer,
    launch: Launch,
    watch: &mut dyn Watch,
    interrupts: &mut Interrupts,
) -> io::Result<Ended> {
    let (mut stderr, stderr_end) = Drain::tail()?;
    let (mut stdout, stdout_end) = match launch.stdout {
        Stdout::File(file) => (None, file.into()),
        Stdout::Capped(file, limit) => {
            let (drain, end) = Drain::file(file, limit)?;
            (Some(drain), std::os::fd::OwnedFd::from(end))
        }
    };
    let streams = [launch.stdin.as_fd(), stdout_end.as_fd(), stderr_end.as_fd()];
    server
        .send(&Request::Start(launch.start), Some(streams))
        .await?;
    // As long as an end is open here, the stream looks unfinished.
    drop((stdout_end, stderr_end, launch.stdin));

    let mut course = Course::new(launch.wall, launch.grace, launch.kill_after);
    let mut next_look = None;
    // One timer, moved: each new one costs a system call while the program starts.
    let timer = sleep_until(Instant::now() + TICK);
    tokio::pin!(timer);
    while !course.is_over() {
        let wake = [course.deadline, next_look].into_iter().flatten().min();
        if let Some(wake) = wake.filter(|wake| *wake != timer.deadline()) {
            timer.as_mut().reset(wake);
        }
        tokio::select! {
            biased;
            report = server.report() => {
                let report = report?;
                let now = Instant::now();
                course.report(report, when(&report, now));
                if let Report::Started { pid, at, .. } = report {
                    watch.started(pid, at, now);
                    next_look = Some(now + watch.interval());
                }
            }
            () = interrupts.next() => course.interrupt(Instant::now()),
            () = &mut timer, if wake.is_some() => {
                let now = Instant::now();
                if course.deadline.is_some_and(|deadline| deadline <= now) {
                    course.deadline_passed(now)?;
                } else if next_look.is_some_and(|look| look <= now) {
                    next_look = Some(now + watch.interval());
                    if let Some(cause) = watch.look(course.elapsed(now)) {
                        course.end_for(cause, now);
                    }
                }
            }
            result = stderr.drain(), if stderr.is_open() => result?,
            result = drain(&mut stdout), if stdout.as_ref().is_some_and(Drain::is_open) => result?,
        }
        if let Some(order) = course.order.take() {
            server.send(&order, None).await?;
        }
    }
    stderr.finish()?;
    if let Some(stdout) = &mut stdout {
        stdout.finish()?;
    }
    let killed_behind = course.killed_behind();
    Ok(Ended {
        begun: course.begun,
        main: course.main.unwrap_or_default(),
        orphans: course.orphans,
        cause: course.cause,
        counted: course.counted,
        killed_behind,
        stderr: stderr.text(),
        stdout_bytes: stdout.as_ref().map_or(0, Drain::total),
        stdout_cut: stdout.as_ref().and_then(Drain::cut),
    })
}

/// When what is reported happened: a start on a busy machine well before it is heard of.
fn when(report: &Report, now: Instant) -> Instant {
    let Report::Started { at, .. } = report else {
        return now;
    };
    let late = Duration::from_nanos(monotonic_ns().saturating_sub(*at));
    now.checked_sub(late).unwrap_or(now)
}

async fn drain(stdout: &mut Option<Drain>) -> io::Result<()> {
    match stdout {
        Some(drain) => drain.drain().await,
        None => std::future::pending().await,
    }
}
