//! Which trials that ended have a line of their own.

use std::time::{Duration, Instant};

use crate::evidence::Outcome;

/// So many trials have a line each.
pub(super) const EACH: u32 = 40;

/// After those, a trial that completed has one only when there was none for this long.
pub(super) const EVERY: Duration = Duration::from_secs(10);

/// What was said of trials that ended. A session of thousands must not be a log of thousands of lines.
pub(super) struct Said {
    /// Lines so far.
    pub(super) lines: u32,
    /// When the last one was.
    pub(super) last: Instant,
}

impl Said {
    pub(super) fn nothing() -> Said {
        Said {
            lines: 0,
            last: Instant::now(),
        }
    }

    /// Whether a trial that ended like this at this time is said.
    pub(super) fn says(&mut self, outcome: Outcome, now: Instant) -> bool {
        let due = now.duration_since(self.last) >= EVERY;
        let says = self.lines < EACH || outcome != Outcome::Completed || due;
        if says {
            self.lines = self.lines.saturating_add(1);
            self.last = now;
        }
        says
    }
}
