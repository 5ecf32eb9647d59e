//! One metric of one variant in two stored results.

use plimsoll_workload::Better;

use super::method::Found;
use super::noise::Sessions;
use crate::analyze::Interval;
use crate::report::format::{bytes, percent};
use crate::report::{
    Change, Difference, Method, Metric, MetricValue, Report, SessionNoise, VariantReport,
};

/// The error of every interval, both sides together. Less than the usual 5 %, because a comparison has
/// many rows.
pub(super) const ALPHA: f64 = 0.01;

/// A peak up to this many times the fork server's size may be the fork server's.
const NEAR: f64 = 1.1;

/// A variant in two results.
pub(super) struct Pair<'a> {
    /// Index of the later one among the sets of results.
    pub(super) result: u32,
    pub(super) old: (&'a Report, &'a VariantReport),
    pub(super) new: (&'a Report, &'a VariantReport),
    /// Whether the machines are the same.
    pub(super) same_machine: bool,
    /// Why there can be no verdict whatever the figures are: the work is not the same.
    pub(super) withheld: Option<String>,
    /// Id of the baseline, where it did the same in both results and this is another variant.
    pub(super) control: Option<&'a str>,
    /// Stored sessions like the two.
    pub(super) sessions: &'a Sessions<'a>,
    /// How near to equal is no difference.
    pub(super) margin: f64,
}

impl Pair<'_> {
    /// Compares a metric; none where neither result has it.
    pub(super) fn change(&self, name: &str) -> Option<Change> {
        let metric = |side: (&Report, &VariantReport)| side.1.metrics.get(name).cloned();
        let (old, new) = match (metric(self.old), metric(self.new)) {
            (Some(Metric::Value(old)), Some(Metric::Value(new))) => (old, new),
            (Some(Metric::Value(_)), new) => {
                let ended = || format!("{} reported no such metric", self.new.1.id);
                let why = match new {
                    Some(Metric::Absent { absent }) => absent,
                    _ => ended(),
                };
                return Some(self.without(None, Difference::Absent, why));
            }
            (old, Some(Metric::Value(new))) => {
                let why = match old {
                    Some(Metric::Absent { absent }) => absent,
                    _ => "the earlier result has no such metric".to_owned(),
                };
                return Some(self.without(Some(new.figure()), Difference::Absent, why));
            }
            _ => return None,
        };
        let mut change = match self.found(name, &old, &new) {
            Ok(found) => self.judged(name, &old, &new, found),
            Err(change) => *change,
        };
        if let Some(why) = self.within_resolution(name, &old, &new, &change) {
            change.verdict = Difference::Inconclusive;
            change.reason = Some(why);
        }
        if let Some(why) = &self.withheld
            && !matches!(change.verdict, Difference::Absent)
        {
            change.verdict = Difference::Inconclusive;
            change.reason = Some(why.clone());
        }
        Some(change)
    }

    /// A change without a ratio.
    pub(super) fn without(&self, new: Option<f64>, verdict: Difference, reason: String) -> Change {
        Change {
            result: self.result,
            new,
            ratio: None,
            low: None,
            high: None,
            verdict,
            method: Method::Exact,
            floor: None,
            reason: Some(reason),
        }
    }

    /// Why a peak decides nothing though its figures do: a child's mark begins where the fork server stood, and grows a
    /// little before it executes. A peak near that is an upper bound; what is clear of it is surely more.
    fn within_resolution(
        &self,
        name: &str,
        old: &MetricValue,
        new: &MetricValue,
        change: &Change,
    ) -> Option<String> {
        if !name.ends_with("peak_rss") || old.values == new.values {
            return None;
        }
        let near = |report: &Report, metric: &MetricValue| {
            let resolution = report.resolution? as f64;
            (metric.min <= NEAR * resolution).then_some(resolution)
        };
        let (of_old, of_new) = (near(self.old.0, old), near(self.new.0, new));
        let sure = match change.verdict {
            Difference::Improved => of_old.is_none(),
            Difference::Regressed => of_new.is_none(),
            _ => false,
        };
        let resolution = of_old.or(of_new).filter(|_| !sure)?;
        Some(format!(
            "a child's peak begins at the size of the fork server, which is {} here: the program's own is that or less",
            bytes(resolution)
        ))
    }

    /// Whether the baseline's values are the same in both results, where there is one to hold it against: values
    /// that are equal to the last digit are then the same measurement, or hold still.
    pub(super) fn same_control(&self, name: &str) -> bool {
        let of = |report: &Report| {
            let base = self.control_in(report)?;
            base.metric(name).map(|metric| metric.values.clone())
        };
        of(self.old.0) == of(self.new.0)
    }

    /// The variant of a result that this one is held against.
    pub(super) fn control_in<'r>(&self, report: &'r Report) -> Option<&'r VariantReport> {
        let mut variants = report.variants.iter();
        variants.find(|variant| Some(variant.id.as_str()) == self.control)
    }

    /// A change that is none, to the last digit.
    pub(super) fn equal(&self, new: &MetricValue) -> Change {
        Change {
            result: self.result,
            new: Some(new.figure()),
            ratio: Some(1.0),
            low: Some(1.0),
            high: Some(1.0),
            verdict: Difference::NoDifference,
            method: Method::Exact,
            floor: None,
            reason: None,
        }
    }

    /// Widens the interval by what sessions differ by, and says what follows.
    fn judged(&self, name: &str, old: &MetricValue, new: &MetricValue, found: Found) -> Change {
        let compared = [self.old.0.started.as_str(), self.new.0.started.as_str()];
        let of = (self.new.1.id.as_str(), name, found.figure);
        let floor = self.sessions.floor(compared, of, found.assumed, ALPHA);
        let mut change = Change {
            result: self.result,
            new: Some(new.figure()),
            ratio: Some(found.centre.exp()),
            low: None,
            high: None,
            verdict: Difference::Inconclusive,
            method: found.method,
            floor,
            reason: None,
        };
        let interval = match found.interval {
            Ok(interval) => widened(found.centre, interval, floor),
            Err(why) => {
                change.reason = Some(why);
                return change;
            }
        };
        (change.low, change.high) = (Some(interval.low.exp()), Some(interval.high.exp()));
        let margin = self.margin.ln_1p();
        if interval.low > 0.0 || interval.high < 0.0 {
            change.verdict = direction(found.centre, old.better);
        } else if interval.low >= -margin && interval.high <= margin {
            change.verdict = Difference::NoDifference;
        } else {
            change.reason = Some(undecided(floor, self.margin));
        }
        change
    }
}

/// The interval of a sum of two independent errors, one of them the floor's: their distances from the centre
/// add up in squares (G. Y. Zou and A. Donner, "Construction of confidence limits about effect
/// measures", *Statistics in Medicine* 27, 2008).
fn widened(centre: f64, interval: Interval, floor: Option<SessionNoise>) -> Interval {
    let floor = floor.map_or(0.0, |floor| floor.share.ln_1p());
    Interval {
        low: centre - (centre - interval.low).hypot(floor),
        high: centre + (interval.high - centre).hypot(floor),
    }
}

/// What a sure difference is, by its sign.
pub(super) fn direction(difference: f64, better: Better) -> Difference {
    match (better, difference > 0.0) {
        (Better::Neither, _) => Difference::Differs,
        (Better::Lower, true) | (Better::Higher, false) => Difference::Regressed,
        (Better::Lower, false) | (Better::Higher, true) => Difference::Improved,
    }
}

fn undecided(floor: Option<SessionNoise>, margin: f64) -> String {
    match floor {
        Some(floor) if floor.share > margin => {
            let whence = match floor.sessions {
                0 => "assumed; stored sessions of one build would say".to_owned(),
                n => format!("learned from {n} of them"),
            };
            format!(
                "two sessions of one build may differ by {} here ({whence})",
                percent(floor.share)
            )
        }
        _ => "the interval holds equality and more than the margin; more runs would narrow it"
            .to_owned(),
    }
}
