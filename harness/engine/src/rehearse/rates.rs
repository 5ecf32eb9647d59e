//! How often gates err on a recording, and from which regression on they find it.

use std::time::Instant;

use serde::Serialize;

use super::gate::{Gate, Recording};
use crate::report::Verdict;
use crate::scenario::Runs;

/// Regressions that are tried, in percent.
const LADDER: [u32; 10] = [3, 5, 7, 10, 15, 20, 30, 50, 75, 100];
/// What counts as seen: so many of a hundred gates.
const SEEN: f64 = 0.95;

/// How gates ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Tally {
    /// Gates played.
    pub gates: u32,
    /// Of these, failed.
    pub fail: u32,
    /// Of these, passed.
    pub pass: u32,
}

impl Tally {
    pub(super) fn add(&mut self, verdict: Verdict) {
        self.gates += 1;
        match verdict {
            Verdict::Fail => self.fail += 1,
            Verdict::Pass => self.pass += 1,
            Verdict::Inconclusive | Verdict::Absent => {}
        }
    }

    /// The share that failed; 0 where none was played.
    pub fn failed(&self) -> f64 {
        f64::from(self.fail) / f64::from(self.gates.max(1))
    }
}

/// Gates with a regression of so many percent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Detection {
    /// The variant takes so many percent longer.
    pub percent: u32,
    /// How its gates ended.
    pub tally: Tally,
}

/// What gates of so many runs do on a recording.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Rates {
    /// At least and at most so many runs.
    pub runs: (u32, u32),
    /// The program against itself: every `fail` is a false alarm.
    pub same: Tally,
    /// Regressions, the smallest first, up to the first one that is seen.
    pub regressions: Vec<Detection>,
    /// The smallest regression that fails in at least 95 % of its gates, in percent; none of the largest tried either
    /// where absent.
    pub seen: Option<u32>,
}

/// Plays gates of so many runs on a recording, up to `gates` for each figure, until `deadline`, or until `stop` says so. At least one of each kind is played.
///
/// # Errors
/// As [`Gate::new`].
pub fn rates(
    recording: &Recording,
    runs: Runs,
    gates: u32,
    deadline: Instant,
    stop: &dyn Fn() -> bool,
) -> Result<Rates, String> {
    let gate = Gate::new(1, 1, Some(runs))?;
    let began = Instant::now();
    let time = deadline.saturating_duration_since(began);
    // The program against itself gets a third of the time, the regressions share what is left.
    let until = |share: f64| began + time.mul_f64(share);
    let tally = |slowdown: f64, until: Instant| {
        let mut tally = Tally::default();
        for seed in 0..gates {
            tally.add(gate.resample(recording, slowdown, u64::from(seed)));
            if stop() || Instant::now() >= until {
                break;
            }
        }
        tally
    };
    let same = tally(1.0, until(0.3));
    let mut rates = Rates {
        runs: (runs.min, runs.max),
        same,
        regressions: Vec::new(),
        seen: None,
    };
    for (place, percent) in (1..).zip(LADDER) {
        let share = 0.3 + 0.7 * f64::from(place) / LADDER.len() as f64;
        let slowdown = 1.0 + f64::from(percent) / 100.0;
        let tally = tally(slowdown, until(share));
        rates.regressions.push(Detection { percent, tally });
        if tally.failed() >= SEEN {
            rates.seen = Some(percent);
            break;
        }
        if stop() {
            break;
        }
    }
    Ok(rates)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::gate::recording;
    use super::*;

    const RUNS: Runs = Runs { min: 6, max: 20 };

    fn on(noise: f64) -> Rates {
        // Long enough never to end anything.
        let deadline = Instant::now() + Duration::from_secs(3600);
        rates(&recording(300, noise), RUNS, 20, deadline, &|| false).unwrap()
    }

    #[test]
    fn the_quieter_the_machine_the_smaller_the_regression_that_is_seen() {
        let quiet = on(0.005);
        assert_eq!((quiet.same.gates, quiet.same.fail), (20, 0));
        assert_eq!(quiet.seen, Some(quiet.regressions.last().unwrap().percent));
        let loud = on(0.1);
        assert!(
            loud.seen.unwrap_or(u32::MAX) > quiet.seen.unwrap(),
            "{loud:?}"
        );
        assert!(loud.same.fail <= 3, "{loud:?}");
    }

    #[test]
    fn without_time_each_kind_is_played_once_and_says_so() {
        let now = Instant::now();
        let rates = rates(&recording(300, 0.1), RUNS, 20, now, &|| true).unwrap();
        assert_eq!((rates.same.gates, rates.regressions.len()), (1, 1));
    }
}
