//! The moments of looking: an even grid, kept by absolute deadlines.

use std::time::Duration;

/// Deadlines at a fixed distance from a first one. Lateness does not add up, and looks that were
/// missed are not made up for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ticks {
    next: u64,
    interval: u64,
}

impl Ticks {
    /// The first deadline is one interval after `start_ns`; an interval is at least a millisecond.
    pub(super) fn new(start_ns: u64, interval: Duration) -> Self {
        let interval = u64::try_from(interval.as_nanos()).unwrap_or(u64::MAX);
        let interval = interval.max(1_000_000);
        Self {
            next: start_ns.saturating_add(interval),
            interval,
        }
    }

    /// Seconds from one deadline to the next.
    pub(super) fn seconds(&self) -> f64 {
        self.interval as f64 / 1e9
    }

    /// How long to wait at `now_ns`; `None` when the deadline is there.
    pub(super) fn wait(&self, now_ns: u64) -> Option<Duration> {
        (now_ns < self.next).then(|| Duration::from_nanos(self.next - now_ns))
    }

    /// Moves on to the first deadline after `now_ns`.
    pub(super) fn advance(&mut self, now_ns: u64) {
        let missed = now_ns.saturating_sub(self.next) / self.interval;
        self.next = self
            .next
            .saturating_add((missed + 1).saturating_mul(self.interval));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: u64 = 1_000_000;

    #[test]
    fn lateness_does_not_add_up() {
        let mut ticks = Ticks::new(3 * MS, Duration::from_millis(10));
        for turn in 1..=1000 {
            let deadline = 3 * MS + turn * 10 * MS;
            assert_eq!(
                ticks.wait(deadline - MS),
                Some(Duration::from_millis(1)),
                "turn {turn}"
            );
            assert_eq!(ticks.wait(deadline), None);
            ticks.advance(deadline + 2 * MS);
        }
    }

    #[test]
    fn missed_looks_are_left_out() {
        let mut ticks = Ticks::new(0, Duration::from_millis(10));
        ticks.advance(57 * MS);
        assert_eq!(ticks.wait(57 * MS), Some(Duration::from_millis(3)));
    }

    #[test]
    fn no_interval_is_shorter_than_a_millisecond_or_overflows() {
        assert!(Ticks::new(0, Duration::ZERO).seconds() >= 0.001);
        let mut ticks = Ticks::new(u64::MAX - 1, Duration::MAX);
        ticks.advance(u64::MAX);
        assert_eq!(ticks.wait(u64::MAX), None);
    }
}
