//! When a trial has gone on for too long, or nowhere. Pure: it is told what was seen and when.

use std::time::Duration;

use super::processes::Activity;
use crate::scenario::Limits;

/// Why the harness ended a trial.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cause {
    /// `limits.wall`.
    Wall,
    /// `limits.cpu`.
    Cpu,
    /// `limits.stall`.
    Stall,
    /// The user interrupted.
    Interrupted,
    /// The sampled tree passed the cap.
    Cap,
    /// The kernel killed one of its processes for memory.
    Oom,
    /// The scenario wants the step killed here.
    Scenario,
}

/// What a program says about how far it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Progress {
    /// Units done, where it counts any.
    pub(crate) done: Option<u64>,
    /// The phase it is in.
    pub(crate) phase: Option<String>,
    /// Events written so far.
    pub(crate) events: u64,
}

/// How long a step has made no progress by now, and what it used meanwhile.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Still {
    /// Seconds.
    pub(crate) time: f64,
    /// CPU seconds.
    pub(crate) cpu: f64,
}

/// Watches one step.
#[derive(Debug)]
pub(crate) struct Watchdog {
    ticks_a_second: u64,
    cpu_ticks: Option<u64>,
    stall: Option<Duration>,
    last: Progress,
    last_activity: Activity,
    moved_at: Duration,
    /// CPU ticks used by then.
    moved_ticks: u64,
    looked_at: Duration,
    /// Whether the program has counted progress since its phase began.
    counts: bool,
}

impl Watchdog {
    /// A watchdog for these limits; `ticks` is the number of the kernel's clock ticks a second.
    pub(crate) fn new(limits: &Limits, ticks: u64) -> Self {
        Watchdog {
            ticks_a_second: ticks,
            cpu_ticks: limits
                .cpu
                .map(|cpu| (cpu.as_secs_f64() * ticks as f64) as u64),
            stall: limits.stall,
            last: Progress::default(),
            last_activity: Activity::default(),
            moved_at: Duration::ZERO,
            moved_ticks: 0,
            looked_at: Duration::ZERO,
            counts: false,
        }
    }

    /// Takes a look at the step's state, `elapsed` since its start.
    ///
    /// A program that counts its progress stands still when the count does, whatever it burns. A
    /// silent one stands still when it uses no CPU time, does no I/O, and nobody comes or goes.
    pub(crate) fn look(
        &mut self,
        elapsed: Duration,
        progress: Progress,
        activity: Activity,
    ) -> Option<Cause> {
        if self
            .cpu_ticks
            .is_some_and(|limit| activity.cpu_ticks > limit)
        {
            return Some(Cause::Cpu);
        }
        if progress.phase != self.last.phase {
            self.counts = false;
            self.moved_at = elapsed;
        }
        if progress.done.is_some() && progress.done != self.last.done {
            self.counts = true;
            self.moved_at = elapsed;
        }
        if !self.counts && self.stirred(&progress, &activity) {
            self.moved_at = elapsed;
        }
        if self.moved_at == elapsed {
            self.moved_ticks = activity.cpu_ticks;
        }
        self.looked_at = elapsed;
        self.last = progress;
        self.last_activity = activity;
        let limit = self.stall?;
        (elapsed.saturating_sub(self.moved_at) >= limit).then_some(Cause::Stall)
    }

    /// How long it had made no progress at the last look.
    pub(crate) fn still(&self) -> Still {
        let ticks = self
            .last_activity
            .cpu_ticks
            .saturating_sub(self.moved_ticks);
        Still {
            time: self.looked_at.saturating_sub(self.moved_at).as_secs_f64(),
            cpu: ticks as f64 / self.ticks_a_second.max(1) as f64,
        }
    }

    fn stirred(&self, progress: &Progress, activity: &Activity) -> bool {
        progress.events != self.last.events
            || activity.cpu_ticks != self.last_activity.cpu_ticks
            || activity.io_bytes != self.last_activity.io_bytes
            || activity.who != self.last_activity.who
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn watchdog(stall: u64, cpu: Option<u64>) -> Watchdog {
        let limits = Limits {
            cpu: cpu.map(Duration::from_secs),
            stall: Some(Duration::from_secs(stall)),
            ..Limits::default()
        };
        Watchdog::new(&limits, 100)
    }

    fn progress(done: u64) -> Progress {
        Progress {
            done: Some(done),
            ..Progress::default()
        }
    }

    fn burning(ticks: u64) -> Activity {
        Activity {
            cpu_ticks: ticks,
            who: 1,
            ..Activity::default()
        }
    }

    fn seconds(n: u64) -> Duration {
        Duration::from_secs(n)
    }

    #[test]
    fn a_silent_sleeper_stalls_and_a_silent_worker_does_not() {
        let mut dog = watchdog(5, None);
        for second in 1..20 {
            let look = dog.look(seconds(second), Progress::default(), burning(second));
            assert_eq!(look, None);
        }
        let mut looks =
            (20..30).map(|second| dog.look(seconds(second), Progress::default(), burning(19)));
        assert_eq!(looks.position(|cause| cause == Some(Cause::Stall)), Some(4));
    }

    #[test]
    fn what_was_used_since_the_last_progress_is_known() {
        let mut dog = watchdog(50, None);
        dog.look(seconds(1), progress(1), burning(70));
        assert_eq!(
            dog.still(),
            Still {
                time: 0.0,
                cpu: 0.0
            }
        );
        dog.look(seconds(3), progress(1), burning(250));
        assert_eq!(
            dog.still(),
            Still {
                time: 2.0,
                cpu: 1.8
            }
        );
        dog.look(seconds(4), progress(2), burning(300));
        dog.look(seconds(9), progress(2), burning(300));
        assert_eq!(
            dog.still(),
            Still {
                time: 5.0,
                cpu: 0.0
            }
        );
    }

    #[test]
    fn burning_without_progress_is_a_stall_once_progress_was_counted() {
        let mut dog = watchdog(5, None);
        assert_eq!(dog.look(seconds(1), progress(1), burning(1)), None);
        assert_eq!(dog.look(seconds(5), progress(1), burning(400)), None);
        assert_eq!(
            dog.look(seconds(6), progress(1), burning(500)),
            Some(Cause::Stall)
        );
    }

    #[test]
    fn a_phase_that_counts_nothing_is_watched_like_a_silent_program() {
        let mut dog = watchdog(5, None);
        assert_eq!(dog.look(seconds(1), progress(9), burning(1)), None);
        for second in 2..20 {
            let sorting = Progress {
                phase: Some("sort".into()),
                ..progress(9)
            };
            assert_eq!(dog.look(seconds(second), sorting, burning(second)), None);
        }
    }

    #[test]
    fn cpu_beyond_its_limit_is_a_cause_of_its_own() {
        let mut dog = watchdog(50, Some(2));
        assert_eq!(
            dog.look(seconds(1), Progress::default(), burning(200)),
            None
        );
        assert_eq!(
            dog.look(seconds(2), Progress::default(), burning(201)),
            Some(Cause::Cpu)
        );
    }
}
