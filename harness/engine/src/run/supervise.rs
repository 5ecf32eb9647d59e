//! One process from its start to the point where nothing of it is left.

use std::fs::File;
use std::io;
use std::os::fd::AsFd;
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use super::fork_server::{ForkServer, Reaped, Report, Request, Stage, Start};
use super::interrupt::Interrupts;
use super::streams::Drain;
use super::watchdog::Cause;

/// Between two looks at a running trial.
pub(crate) const TICK: Duration = Duration::from_millis(100);
/// How long processes that outlive the main one may take to end by themselves.
const LINGER: Duration = Duration::from_millis(250);
/// A killed process that is not gone by then is stuck in the kernel.
const PATIENCE: Duration = Duration::from_secs(60);

/// A process to start and its standard streams.
pub(crate) struct Launch {
    pub(crate) start: Start,
    pub(crate) stdin: File,
    pub(crate) stdout: Stdout,
    /// `limits.wall`.
    pub(crate) wall: Duration,
    /// `limits.grace`.
    pub(crate) grace: Duration,
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
    /// Processes that outlived the main one by themselves, and were killed.
    pub(crate) killed_behind: usize,
    /// The end of standard error.
    pub(crate) stderr: String,
    /// Bytes written to standard output, where it was counted.
    pub(crate) stdout_bytes: u64,
    /// Why standard output is not whole, where it was to be kept.
    pub(crate) stdout_cut: Option<String>,
}

/// A program's beginning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Begun {
    /// CLOCK_MONOTONIC nanoseconds just before it was executed.
    pub(crate) at: u64,
    /// Peaks at or below this many bytes cannot be told apart.
    pub(crate) floor: u64,
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

    let mut course = Course::new(launch.wall, launch.grace);
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
                course.report(report, now);
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
        killed_behind,
        stderr: stderr.text(),
        stdout_bytes: stdout.as_ref().map_or(0, Drain::total),
        stdout_cut: stdout.as_ref().and_then(Drain::cut),
    })
}

async fn drain(stdout: &mut Option<Drain>) -> io::Result<()> {
    match stdout {
        Some(drain) => drain.drain().await,
        None => std::future::pending().await,
    }
}

/// Where a process is on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// Not yet executed, or running.
    Running,
    /// Asked to end.
    Asked,
    /// The main process has ended, others have not.
    Lingering,
    /// Being killed.
    Killing,
    /// Nothing is left.
    Over,
}

/// The course of a process: reports, deadlines and interruptions come in, orders go out. Knows no
/// clock and no process.
#[derive(Debug)]
struct Course {
    way: Way,
    wall: Duration,
    grace: Duration,
    started: Option<Instant>,
    deadline: Option<Instant>,
    order: Option<Request>,
    begun: Result<Begun, (Stage, i32)>,
    main_pid: Option<i32>,
    main: Option<Reaped>,
    orphans: Vec<Reaped>,
    cause: Option<Cause>,
    /// How many orphans had ended when those that outlived the main process were killed.
    orphans_before_kill: Option<usize>,
}

impl Course {
    fn new(wall: Duration, grace: Duration) -> Self {
        Course {
            way: Way::Running,
            wall,
            grace,
            started: None,
            deadline: None,
            order: None,
            begun: Err((Stage::Fork, 0)),
            main_pid: None,
            main: None,
            orphans: Vec::new(),
            cause: None,
            orphans_before_kill: None,
        }
    }

    fn is_over(&self) -> bool {
        self.way == Way::Over
    }

    fn elapsed(&self, now: Instant) -> Duration {
        self.started.map_or(Duration::ZERO, |started| now - started)
    }

    fn killed_behind(&self) -> usize {
        self.orphans_before_kill
            .map_or(0, |before| self.orphans.len() - before)
    }

    fn report(&mut self, report: Report, now: Instant) {
        match report {
            Report::Ready { .. } => {}
            Report::Started { pid, at, floor } => {
                self.begun = Ok(Begun { at, floor });
                self.main_pid = Some(pid);
                self.started = Some(now);
                self.deadline = now.checked_add(self.wall);
            }
            Report::NotStarted { stage, errno } => self.begun = Err((stage, errno)),
            Report::Ended(reaped) => {
                // A child that could not become its program is reaped too, and is the only one.
                let is_main =
                    self.main.is_none() && self.main_pid.is_none_or(|pid| pid == reaped.pid);
                if is_main {
                    self.main = Some(reaped);
                    self.main_ended(now);
                } else {
                    self.orphans.push(reaped);
                }
            }
            Report::Empty => self.way = Way::Over,
        }
    }

    fn main_ended(&mut self, now: Instant) {
        if matches!(self.way, Way::Running | Way::Asked) {
            let linger = now + LINGER.min(self.grace);
            self.deadline = match (self.way, self.deadline) {
                (Way::Asked, Some(kill_at)) => Some(kill_at.min(linger)),
                _ => Some(linger),
            };
            self.way = Way::Lingering;
        }
    }

    fn end_for(&mut self, cause: Cause, now: Instant) {
        if self.way != Way::Running {
            return;
        }
        self.cause = Some(cause);
        if matches!(cause, Cause::Cap | Cause::Oom) {
            // There may be no memory left to be graceful in.
            return self.kill(now);
        }
        self.way = Way::Asked;
        self.order = Some(Request::Signal(libc::SIGTERM));
        self.deadline = Some(now + self.grace);
    }

    fn interrupt(&mut self, now: Instant) {
        match self.way {
            Way::Running => self.end_for(Cause::Interrupted, now),
            Way::Asked | Way::Lingering => self.kill(now),
            Way::Killing | Way::Over => {}
        }
    }

    fn deadline_passed(&mut self, now: Instant) -> io::Result<()> {
        match self.way {
            Way::Running => self.end_for(Cause::Wall, now),
            Way::Asked | Way::Lingering => self.kill(now),
            Way::Killing | Way::Over => {
                return Err(io::Error::other(
                    "a killed process does not end; it may be stuck in the kernel (state D in ps)",
                ));
            }
        }
        Ok(())
    }

    fn kill(&mut self, now: Instant) {
        if self.way == Way::Lingering && self.cause.is_none() {
            self.orphans_before_kill = Some(self.orphans.len());
        }
        self.way = Way::Killing;
        self.order = Some(Request::Kill);
        self.deadline = Some(now + PATIENCE);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn begin(wall: u64, grace: u64) -> (Course, Instant) {
        let now = Instant::now();
        let mut course = Course::new(Duration::from_secs(wall), Duration::from_secs(grace));
        course.report(
            Report::Started {
                pid: 7,
                at: 1,
                floor: 2,
            },
            now,
        );
        (course, now)
    }

    fn ended(pid: i32) -> Report {
        Report::Ended(Reaped {
            pid,
            ..Reaped::default()
        })
    }

    #[test]
    fn a_process_that_ends_alone_is_over() {
        let (mut course, now) = begin(10, 1);
        course.report(ended(7), now);
        course.report(Report::Empty, now);
        assert!(course.is_over() && course.order.is_none() && course.killed_behind() == 0);
    }

    #[test]
    fn the_wall_asks_first_and_the_grace_kills() {
        let (mut course, now) = begin(10, 1);
        assert_eq!(course.deadline, Some(now + Duration::from_secs(10)));
        course.deadline_passed(now).unwrap();
        assert_eq!(course.order.take(), Some(Request::Signal(libc::SIGTERM)));
        assert_eq!(course.deadline, Some(now + Duration::from_secs(1)));
        course.deadline_passed(now).unwrap();
        assert_eq!(course.order.take(), Some(Request::Kill));
        assert_eq!(course.cause, Some(Cause::Wall));
        assert!(
            course.deadline_passed(now).is_err(),
            "a process that outlives SIGKILL is an error"
        );
    }

    #[test]
    fn the_second_interruption_does_not_wait() {
        let (mut course, now) = begin(10, 100);
        course.interrupt(now);
        assert_eq!(course.order.take(), Some(Request::Signal(libc::SIGTERM)));
        course.interrupt(now);
        assert_eq!(course.order.take(), Some(Request::Kill));
        assert_eq!(course.cause, Some(Cause::Interrupted));
    }

    #[test]
    fn what_outlives_the_main_process_is_killed_and_counted() {
        let (mut course, now) = begin(10, 1);
        course.report(ended(7), now);
        course.report(ended(8), now);
        assert_eq!(course.deadline, Some(now + LINGER));
        course.deadline_passed(now).unwrap();
        assert_eq!(course.order.take(), Some(Request::Kill));
        course.report(ended(9), now);
        course.report(Report::Empty, now);
        assert_eq!((course.killed_behind(), course.orphans.len()), (1, 2));
        assert_eq!(course.cause, None);
    }

    #[test]
    fn a_child_that_never_became_its_program_is_still_reaped() {
        let now = Instant::now();
        let mut course = Course::new(Duration::from_secs(1), Duration::ZERO);
        course.report(
            Report::NotStarted {
                stage: Stage::Execute,
                errno: 2,
            },
            now,
        );
        course.report(ended(5), now);
        course.report(Report::Empty, now);
        assert!(course.is_over());
        assert_eq!(course.begun, Err((Stage::Execute, 2)));
    }

    #[test]
    fn a_cap_passed_or_a_kernel_kill_leaves_no_grace() {
        for cause in [Cause::Cap, Cause::Oom] {
            let (mut course, now) = begin(10, 5);
            course.end_for(cause, now);
            assert_eq!(course.order.take(), Some(Request::Kill));
        }
    }
}
