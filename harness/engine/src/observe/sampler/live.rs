//! What is known of a running step, shared with whoever supervises it.

use std::sync::{Mutex, MutexGuard, PoisonError};

use plimsoll_workload::gauges::ProgressEntry;

use crate::evidence::Sample;

/// Signs that a step is getting on. Counters, to be held against earlier ones.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Activity {
    /// Units of progress done, where the program announces any.
    pub progress: Option<u64>,
    /// Phases begun.
    pub phases: u64,
    /// Sum of the ledger, where the program keeps one.
    pub ledger: Option<u64>,
    /// CPU time of all processes, nanoseconds, in steps of a clock tick (10 ms).
    pub cpu_ns: u64,
    /// Bytes read and written by all processes.
    pub io_bytes: u64,
}

impl Activity {
    /// Whether the step got on since `earlier`. A program that speaks of itself is taken at its
    /// word: burning CPU without progress, a new phase or a change in its ledger is a stall. One
    /// that is silent gets on as long as it uses CPU time or does I/O.
    pub fn got_on_since(&self, earlier: &Self) -> bool {
        if self.progress.is_some() {
            (self.progress, self.phases, self.ledger)
                != (earlier.progress, earlier.phases, earlier.ledger)
        } else {
            self != earlier
        }
    }
}

/// The latest look at a running step.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Live {
    /// Memory.
    pub sample: Sample,
    /// Name of the phase that runs.
    pub phase: Option<String>,
    /// Progress announced last.
    pub progress: Option<ProgressEntry>,
    /// Signs of getting on; CPU time and I/O are at most 250 ms old.
    pub activity: Activity,
}

/// The latest look, written by the sampler and read by its owner.
#[derive(Debug, Default)]
pub(super) struct Board(Mutex<Option<Live>>);

impl Board {
    /// The figures stay whole even if a thread dies while it holds them: they are plain values.
    pub(super) fn lock(&self) -> MutexGuard<'_, Option<Live>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_silent_program_gets_on_by_cpu_or_io() {
        let before = Activity::default();
        assert!(!before.got_on_since(&before));
        for after in [
            Activity {
                cpu_ns: 10_000_000,
                ..before
            },
            Activity {
                io_bytes: 1,
                ..before
            },
        ] {
            assert!(after.got_on_since(&before));
        }
    }

    #[test]
    fn burning_cpu_without_progress_is_no_getting_on() {
        let before = Activity {
            progress: Some(7),
            phases: 1,
            ..Activity::default()
        };
        let spinning = Activity {
            cpu_ns: 1 << 40,
            io_bytes: 1 << 30,
            ..before
        };
        assert!(!spinning.got_on_since(&before));
        for after in [
            Activity {
                progress: Some(8),
                ..before
            },
            Activity {
                phases: 2,
                ..before
            },
            Activity {
                ledger: Some(1),
                ..before
            },
        ] {
            assert!(after.got_on_since(&before));
        }
    }
}
