//! The course of a process from its start to the point where nothing of it is left. Pure: reports,
//! deadlines and interruptions come in, orders go out.

use std::io;
use std::time::Duration;

use tokio::time::Instant;

use super::fork_server::{Reaped, Report, Request, Stage};
use super::watchdog::Cause;

/// How long processes that outlive the main one may take to end by themselves.
const LINGER: Duration = Duration::from_millis(250);
/// A killed process that is not gone by then is stuck in the kernel.
const PATIENCE: Duration = Duration::from_secs(60);

/// A program's beginning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Begun {
    /// CLOCK_MONOTONIC nanoseconds just before it was executed.
    pub(crate) at: u64,
    /// Peaks at or below this many bytes cannot be told apart.
    pub(crate) floor: u64,
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
pub(super) struct Course {
    way: Way,
    wall: Duration,
    grace: Duration,
    /// When the scenario wants it killed, from its start.
    kill_after: Option<Duration>,
    kill_at: Option<Instant>,
    started: Option<Instant>,
    pub(super) deadline: Option<Instant>,
    pub(super) order: Option<Request>,
    pub(super) begun: Result<Begun, (Stage, i32)>,
    main_pid: Option<i32>,
    pub(super) main: Option<Reaped>,
    pub(super) orphans: Vec<Reaped>,
    pub(super) cause: Option<Cause>,
    /// What was counted, or the error number of why nothing was; where anything was to be.
    pub(super) counted: Option<Result<u64, i32>>,
    /// How many orphans had ended when those that outlived the main process were killed.
    orphans_before_kill: Option<usize>,
}

impl Course {
    pub(super) fn new(wall: Duration, grace: Duration, kill_after: Option<Duration>) -> Self {
        Course {
            way: Way::Running,
            wall,
            grace,
            kill_after,
            kill_at: None,
            started: None,
            deadline: None,
            order: None,
            begun: Err((Stage::Fork, 0)),
            main_pid: None,
            main: None,
            orphans: Vec::new(),
            cause: None,
            counted: None,
            orphans_before_kill: None,
        }
    }

    pub(super) fn is_over(&self) -> bool {
        self.way == Way::Over
    }

    pub(super) fn elapsed(&self, now: Instant) -> Duration {
        self.started.map_or(Duration::ZERO, |started| now - started)
    }

    pub(super) fn killed_behind(&self) -> usize {
        self.orphans_before_kill
            .map_or(0, |before| self.orphans.len() - before)
    }

    pub(super) fn report(&mut self, report: Report, now: Instant) {
        match report {
            Report::Ready { .. } => {}
            Report::Started { pid, at, floor } => {
                self.begun = Ok(Begun { at, floor });
                self.main_pid = Some(pid);
                self.started = Some(now);
                self.kill_at = self.kill_after.and_then(|after| now.checked_add(after));
                let wall = now.checked_add(self.wall);
                self.deadline = [wall, self.kill_at].into_iter().flatten().min();
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
            Report::Counted(count) => self.counted = Some(count),
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

    pub(super) fn end_for(&mut self, cause: Cause, now: Instant) {
        if self.way != Way::Running {
            return;
        }
        self.cause = Some(cause);
        if matches!(cause, Cause::Cap | Cause::Oom | Cause::Scenario) {
            // There may be no memory left to be graceful in, or there is to be no grace.
            return self.kill(now);
        }
        self.way = Way::Asked;
        self.order = Some(Request::Signal(libc::SIGTERM));
        self.deadline = Some(now + self.grace);
    }

    pub(super) fn interrupt(&mut self, now: Instant) {
        match self.way {
            Way::Running => self.end_for(Cause::Interrupted, now),
            Way::Asked | Way::Lingering => self.kill(now),
            Way::Killing | Way::Over => {}
        }
    }

    pub(super) fn deadline_passed(&mut self, now: Instant) -> io::Result<()> {
        match self.way {
            Way::Running if self.kill_at.is_some_and(|at| at <= now) => {
                self.end_for(Cause::Scenario, now);
            }
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
        let mut course = Course::new(Duration::from_secs(wall), Duration::from_secs(grace), None);
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
        let mut course = Course::new(Duration::from_secs(1), Duration::ZERO, None);
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

    /// A course that is to be killed after so many seconds, of at most 10.
    fn doomed(after: u64) -> (Course, Instant) {
        let now = Instant::now();
        let seconds = Duration::from_secs;
        let mut course = Course::new(seconds(10), seconds(1), Some(seconds(after)));
        let started = Report::Started {
            pid: 7,
            at: 1,
            floor: 2,
        };
        course.report(started, now);
        (course, now)
    }

    #[test]
    fn the_scenarios_moment_kills_without_asking() {
        let (mut course, now) = doomed(3);
        let moment = now + Duration::from_secs(3);
        assert_eq!(course.deadline, Some(moment));
        course.deadline_passed(moment).unwrap();
        assert_eq!(course.order.take(), Some(Request::Kill));
        assert_eq!(course.cause, Some(Cause::Scenario));
    }

    #[test]
    fn a_moment_beyond_the_wall_limit_is_the_wall_limits() {
        let (mut course, now) = doomed(30);
        let wall = now + Duration::from_secs(10);
        assert_eq!(course.deadline, Some(wall));
        course.deadline_passed(wall).unwrap();
        assert_eq!(course.cause, Some(Cause::Wall));
    }

    #[test]
    fn what_has_ended_is_not_killed_at_the_scenarios_moment() {
        let (mut course, now) = doomed(3);
        course.report(ended(7), now);
        assert_eq!(course.deadline, Some(now + LINGER));
        course
            .deadline_passed(now + Duration::from_secs(4))
            .unwrap();
        assert_eq!(course.cause, None, "what was left behind is killed as ever");
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
