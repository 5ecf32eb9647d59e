//! An estimate held against a bound: inside, outside, or neither.

use crate::analyze::{Estimate, FEWEST};
use crate::report::Verdict;
use crate::report::format::counted;

/// Fewest values that can decide at all, where they agree closely.
const FEWEST_CLOSE: usize = 3;

/// Beyond this many further runs the honest answer is that the bound is too close.
const MOST_ADVISED: f64 = 10_000.0;

/// Which side of a bound is the good one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    /// The value must not exceed the bound.
    AtMost,
    /// The value must not fall below the bound.
    AtLeast,
}

impl Side {
    /// Whether a value is on the good side; the bound itself is.
    pub(super) fn holds(self, value: f64, bound: f64) -> bool {
        match self {
            Side::AtMost => value <= bound,
            Side::AtLeast => value >= bound,
        }
    }
}

/// What an estimate says of a bound.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Decision {
    /// Pass, fail or inconclusive.
    pub(super) verdict: Verdict,
    /// Why it is inconclusive, and what would help.
    pub(super) reason: Option<String>,
}

impl Decision {
    fn made(held: bool) -> Decision {
        Decision {
            verdict: if held { Verdict::Pass } else { Verdict::Fail },
            reason: None,
        }
    }

    fn open(reason: String) -> Decision {
        Decision {
            verdict: Verdict::Inconclusive,
            reason: Some(reason),
        }
    }
}

/// Holds an estimate against a bound on the same scale; `noun` is what its values are.
///
/// With an interval: pass only when it is wholly inside, fail only when it is wholly outside.
/// With at least three values and none: when every value lies within half the distance
/// between their median and the bound. For noise around the bound itself three values do that on the
/// wrong side in 1.4 to 3.5 % of cases, whatever its size, and six in about 0.1 % at most (see
/// `docs/statistics.md`).
pub(super) fn decide(estimate: &Estimate, bound: f64, side: Side, noun: &str) -> Decision {
    let n = estimate.n();
    let centre_holds = side.holds(estimate.centre, bound);
    let margin = (estimate.centre - bound).abs();
    let Some(interval) = estimate.interval else {
        let far = |value: &f64| (value - estimate.centre).abs() > margin / 2.0;
        if n >= FEWEST_CLOSE && margin > 0.0 && !estimate.values.iter().any(far) {
            return Decision::made(centre_holds);
        }
        let needed = if n < FEWEST_CLOSE {
            format!("at least {FEWEST_CLOSE} are needed, {FEWEST} unless they agree closely")
        } else if n < FEWEST as usize {
            format!("at least {FEWEST} are needed, because they differ too much")
        } else {
            "they differ too much for the confidence that several looks leave".to_owned()
        };
        return Decision::open(format!("{} too few: {needed}", are(n, noun)));
    };
    let (low, high) = (
        side.holds(interval.low, bound),
        side.holds(interval.high, bound),
    );
    if low == high {
        return Decision::made(low);
    }
    let reach = match estimate.centre <= bound {
        true => interval.high - estimate.centre,
        false => estimate.centre - interval.low,
    };
    let advice = advice(n, reach, margin, noun);
    Decision::open(format!("the interval straddles the bound; {advice}"))
}

/// How many more values might bring what is `reach` wide after `n` of them below `margin`, if it
/// shrinks with the square root of their number.
pub(super) fn advice(n: usize, reach: f64, margin: f64, noun: &str) -> String {
    let wanted = n as f64 * (reach / margin).powi(2) - n as f64;
    if wanted.is_finite() && wanted <= MOST_ADVISED {
        let more = wanted.ceil().max(1.0) as usize;
        format!("about {} might decide", counted_more(more, noun))
    } else {
        "it is too close for more runs to tell".to_owned()
    }
}

fn are(n: usize, noun: &str) -> String {
    let verb = if n == 1 { "is" } else { "are" };
    format!("{} {verb}", counted(n, noun))
}

fn counted_more(n: usize, noun: &str) -> String {
    let counted = counted(n, noun);
    match counted.split_once(' ') {
        Some((number, noun)) => format!("{number} more {noun}"),
        None => counted,
    }
}
