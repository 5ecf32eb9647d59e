//! How often gates err on a recording, and from which regression on they find it.

use std::time::Instant;

use serde::Serialize;

use super::gate::{Gate, Recording};
use crate::report::Verdict;
use crate::scenario::Runs;

/// Regressions that are tried, in percent.
const LADDER: [u32; 10] = [3, 5, 7, 10, 15, 20, 30, 50, 75, 100];
/// What counts as seen: this share of the gates, of at least so many.
const SEEN: f64 = 0.95;
const FEWEST: u32 = 20;

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

    /// Whether at least 95 % failed, of gates enough to say so.
    pub fn sees(&self) -> bool {
        self.enough() && f64::from(self.fail) >= SEEN * f64::from(self.gates)
    }

    /// Whether gates enough were played to say whether something is seen.
    pub fn enough(&self) -> bool {
        self.gates >= FEWEST
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
    /// The regressions that were tried, the smallest first.
    pub regressions: Vec<Detection>,
    /// The smallest regression tried that [is seen](Tally::sees), in percent; absent where none was.
    pub seen: Option<u32>,
}

/// Plays gates of so many runs on a recording, up to `gates` for each figure, until `deadline`, or until `stop` says so. At least one of the program against itself is played.
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
    // What is seen is seen all the more when it is larger: halving finds the smallest.
    let steps = f64::from(usize::BITS - LADDER.len().leading_zeros());
    let (mut unseen, mut seen) = (0, LADDER.len());
    let mut step = 0.0;
    while unseen < seen && !stop() {
        let middle = unseen.midpoint(seen);
        let percent = LADDER[middle];
        step += 1.0;
        let slowdown = 1.0 + f64::from(percent) / 100.0;
        let tally = tally(slowdown, until(0.3 + 0.7 * step / steps));
        rates.regressions.push(Detection { percent, tally });
        match tally.sees() {
            true => seen = middle,
            false => unseen = middle + 1,
        }
    }
    rates.regressions.sort_by_key(|detection| detection.percent);
    let tried = |percent: &u32| rates.regressions.iter().any(|d| d.percent == *percent);
    rates.seen = LADDER.get(seen).copied().filter(tried);
    Ok(rates)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::gate::tests::recording;
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
        assert!(quiet.seen.unwrap() <= 7, "{quiet:?}");
        let seen = |d: &&Detection| Some(d.percent) == quiet.seen;
        assert!(quiet.regressions.iter().find(seen).unwrap().tally.sees());
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
        assert_eq!((rates.same.gates, rates.regressions.len()), (1, 0));
        assert_eq!(rates.seen, None, "one gate says nothing");
    }
}
