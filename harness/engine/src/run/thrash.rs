//! Whether a program's time goes into fetching pages that were taken from it for want of memory. Pure.

use std::fmt;
use std::time::Duration;

/// From one reading to the next.
const WINDOW: Duration = Duration::from_secs(1);
/// Major faults a second from which on the other signs are looked at. Fewer cost next to nothing, and a
/// program that reads a mapped file for the first time has them, too.
const FAULTS: f64 = 100.0;
/// Pages a second that had been taken and were wanted back.
const REFAULTS: f64 = 100.0;
/// Share of the time in which all of its tasks waited for memory.
const STALLED: f64 = 0.1;

/// Counts that only grow.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Paging {
    /// Page faults of its processes that needed I/O.
    pub(crate) major_faults: u64,
    /// What is known beyond them.
    pub(crate) pressure: Pressure,
}

/// What a memory cgroup, or else the machine, says about want of memory: counts that only grow.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Pressure {
    /// Pages of the cgroup that were wanted again soon after they had been taken (`workingset_refault`).
    pub(crate) refaults: Option<u64>,
    /// Microseconds in which every task waited for memory (PSI, `full`).
    pub(crate) stalled: Option<u64>,
}

/// A program that thrashes, by the figures of one second.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Thrashing {
    /// Major faults a second.
    faults: f64,
    /// Pages a second that were wanted again.
    refaults: Option<f64>,
    /// Share of the time in which every task waited for memory.
    stalled: Option<f64>,
}

impl fmt::Display for Thrashing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.0} major faults/s", self.faults)?;
        if let Some(refaults) = self.refaults {
            write!(f, ", {refaults:.0} pages/s taken from it and fetched again")?;
        }
        if let Some(stalled) = self.stalled {
            write!(f, ", memory pressure {:.0} % (PSI full)", 100.0 * stalled)?;
        }
        Ok(())
    }
}

/// Watches one step for it.
#[derive(Debug)]
pub(crate) struct ThrashWatch {
    /// The last reading and when it was.
    last: (Duration, Paging),
    /// The last whole window, where the program thrashed in it.
    now: Option<Thrashing>,
    worst: Option<Thrashing>,
    /// How long it has thrashed.
    time: Duration,
}

impl ThrashWatch {
    /// Begins with the counts at the step's start.
    pub(crate) fn new(pressure: Pressure) -> Self {
        let paging = Paging {
            major_faults: 0,
            pressure,
        };
        ThrashWatch {
            last: (Duration::ZERO, paging),
            now: None,
            worst: None,
            time: Duration::ZERO,
        }
    }

    /// Takes a reading where it is time for one. Gives the figures when it thrashes for the first time.
    pub(crate) fn look(
        &mut self,
        elapsed: Duration,
        read: impl FnOnce() -> Paging,
    ) -> Option<Thrashing> {
        let (at, before) = self.last;
        let window = elapsed.saturating_sub(at);
        if window < WINDOW {
            return None;
        }
        let after = read();
        self.last = (elapsed, after);
        self.now = thrashing(&before, &after, window);
        let now = self.now?;
        self.time += window;
        let first = self.worst.is_none();
        if self.worst.is_none_or(|worst| now.faults > worst.faults) {
            self.worst = Some(now);
        }
        first.then_some(now)
    }

    /// Whether it thrashed in the last window.
    pub(crate) fn now(&self) -> Option<Thrashing> {
        self.now
    }

    /// How long it has thrashed and its worst second, where it has.
    pub(crate) fn whole(&self) -> Option<(Duration, Thrashing)> {
        Some((self.time, self.worst?))
    }
}

fn thrashing(before: &Paging, after: &Paging, window: Duration) -> Option<Thrashing> {
    let seconds = window.as_secs_f64();
    let rate = |before: u64, after: u64| after.saturating_sub(before) as f64 / seconds;
    let both = |before: Option<u64>, after: Option<u64>| Some(rate(before?, after?));
    let (old, new) = (before.pressure, after.pressure);
    let found = Thrashing {
        faults: rate(before.major_faults, after.major_faults),
        refaults: both(old.refaults, new.refaults),
        stalled: both(old.stalled, new.stalled).map(|micros| micros / 1e6),
    };
    let wanted_again = found.refaults.is_some_and(|rate| rate >= REFAULTS);
    let waits = found.stalled.is_some_and(|share| share >= STALLED);
    (found.faults >= FAULTS && (wanted_again || waits)).then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paging(major_faults: u64, refaults: Option<u64>, stalled: Option<u64>) -> Paging {
        Paging {
            major_faults,
            pressure: Pressure { refaults, stalled },
        }
    }

    /// What is found in a second that begins with nothing and ends so.
    fn second(end: Paging) -> Option<Thrashing> {
        let start = Pressure {
            refaults: end.pressure.refaults.map(|_| 0),
            stalled: end.pressure.stalled.map(|_| 0),
        };
        let mut watch = ThrashWatch::new(start);
        watch.look(Duration::from_secs(1), || end)
    }

    #[test]
    fn faults_alone_are_no_thrashing() {
        assert_eq!(second(paging(50_000, Some(0), Some(0))), None);
        assert_eq!(second(paging(50_000, None, None)), None);
        assert_eq!(second(paging(10, Some(50_000), Some(900_000))), None);
    }

    #[test]
    fn faults_with_either_sign_are() {
        let said = |end| second(end).unwrap().to_string();
        assert_eq!(
            said(paging(5_300, Some(12_000), Some(830_000))),
            "5300 major faults/s, 12000 pages/s taken from it and fetched again, memory pressure 83 % (PSI full)"
        );
        assert_eq!(
            said(paging(5_300, None, Some(830_000))),
            "5300 major faults/s, memory pressure 83 % (PSI full)"
        );
        assert!(second(paging(100, Some(100), Some(0))).is_some());
    }

    #[test]
    fn it_is_said_once_and_summed() {
        let mut watch = ThrashWatch::new(Pressure::default());
        let mut said = 0;
        for tenth in 1..=50u64 {
            let at = Duration::from_millis(100 * tenth);
            // The third second is the worst; in the fifth nothing happens.
            let faults = [300, 600, 1_500, 1_800, 1_800][(tenth as usize - 1) / 10];
            let end = paging(faults, None, Some(100_000 * tenth));
            said += usize::from(watch.look(at, || end).is_some());
        }
        // The first window has no pressure to compare with.
        assert_eq!(said, 1);
        let (time, worst) = watch.whole().unwrap();
        assert_eq!((time, worst.faults), (Duration::from_secs(3), 900.0));
        assert_eq!(watch.now(), None);
    }

    #[test]
    fn it_reads_once_a_second() {
        let mut watch = ThrashWatch::new(Pressure::default());
        let mut reads = 0;
        for tenth in 0..=30u64 {
            watch.look(Duration::from_millis(100 * tenth), || {
                reads += 1;
                Paging::default()
            });
        }
        assert_eq!(reads, 3);
    }
}
