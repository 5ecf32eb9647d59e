//! One metric of one variant in two stored results.

use plimsoll_workload::Better;

use super::logs;
use super::noise::{Figure, Sessions};
use super::shift::{Shift, resemblance, shift};
use crate::analyze::Interval;
use crate::evidence::Aggregate;
use crate::report::format::{bytes, counted, percent};
use crate::report::{
    Change, Difference, Method, Metric, MetricValue, Report, SessionNoise, VariantReport,
};

/// The error of every interval, both sides together. Less than the usual 5 %, because a comparison has
/// many rows.
pub(super) const ALPHA: f64 = 0.01;

/// Counts of the kernel that vary like times do.
const NOISY_COUNTS: [&str; 3] = ["minor_faults", "major_faults", "context_switches"];
/// Sources whose figures are the same in every run of a deterministic program.
const EXACT_SOURCES: [&str; 3] = ["malloc layer", "workload", "valgrind"];

/// A peak up to this many times the fork server's size may be the fork server's.
const NEAR: f64 = 1.1;

/// What is counted at a size of its own.
const INSTRUCTIONS: &str = "instructions";

/// The assumed standard deviations of a session, in logarithms, beyond what its own runs show: of a time, of a
/// ratio of times to the baseline of the same session, of the same on another machine, of a peak.
const DRIFT: f64 = 0.025;
const CONTROLLED_DRIFT: f64 = 0.005;
const OTHER_MACHINE: f64 = 0.02;
const PEAK_DRIFT: f64 = 0.002;
/// Of instructions that the processor counted.
const INSTRUCTIONS_DRIFT: f64 = 0.0005;

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

/// How a metric behaves from run to run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Nature {
    /// The same in every run.
    Exact,
    /// Nearly: its extremes say all.
    Peak,
    /// It scatters.
    Noisy,
}

fn nature(name: &str, old: &MetricValue, new: &MetricValue) -> Nature {
    let holds_still = |metric: &MetricValue| {
        metric.min == metric.max && EXACT_SOURCES.contains(&metric.source.as_str())
    };
    if old.aggregate == Aggregate::Median || old.source == "sampler" || NOISY_COUNTS.contains(&name)
    {
        Nature::Noisy
    } else if holds_still(old) && holds_still(new) {
        Nature::Exact
    } else {
        Nature::Peak
    }
}

/// What was found before the noise between sessions is added to it.
struct Found {
    method: Method,
    figure: Figure,
    assumed: f64,
    /// Of the log ratio.
    centre: f64,
    /// Of the log ratio; or why there is none.
    interval: Result<Interval, String>,
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
    fn without(&self, new: Option<f64>, verdict: Difference, reason: String) -> Change {
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

    /// The log ratio and its interval by the method that suits, or the change where there is none.
    fn found(
        &self,
        name: &str,
        old: &MetricValue,
        new: &MetricValue,
    ) -> Result<Found, Box<Change>> {
        let unknown =
            |why: String| Box::new(self.without(Some(new.figure()), Difference::Inconclusive, why));
        let nature = nature(name, old, new);
        if old.unit != new.unit || old.better != new.better {
            return Err(unknown(
                "it is not the same metric: unit or direction differ".to_owned(),
            ));
        }
        if old.source != new.source {
            return Err(unknown(format!(
                "not measured in the same way: {}, then {}",
                old.source, new.source
            )));
        }
        if name == INSTRUCTIONS && self.old.0.instructions_at != self.new.0.instructions_at {
            return Err(unknown("counted at another size".to_owned()));
        }
        if old.values == new.values && !old.values.is_empty() && self.same_control(name) {
            return Err(Box::new(self.equal(new)));
        }
        // What the program itself counts does not depend on the machine.
        let counted = nature == Nature::Exact && self.old.0.machine.arch == self.new.0.machine.arch;
        if !self.same_machine && !counted {
            return self
                .across_machines(name, nature, old, new)
                .map_err(unknown);
        }
        match nature {
            Nature::Exact if old.max == 0.0 || new.max == 0.0 => {
                let mut change = self.without(
                    Some(new.figure()),
                    direction(new.max - old.max, old.better),
                    String::new(),
                );
                change.reason = None;
                Err(Box::new(change))
            }
            Nature::Exact => self.extremes(Method::Exact, 0.0, old, new).map_err(unknown),
            Nature::Peak => {
                let assumed = match name {
                    INSTRUCTIONS => INSTRUCTIONS_DRIFT,
                    _ => PEAK_DRIFT,
                };
                self.extremes(Method::Range, assumed, old, new)
                    .map_err(unknown)
            }
            Nature::Noisy => self
                .controlled(name, CONTROLLED_DRIFT)
                .map_or_else(|| self.shifted(old, new), Ok)
                .map_err(unknown),
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
    fn same_control(&self, name: &str) -> bool {
        let of = |report: &Report| {
            let base = report
                .variants
                .iter()
                .find(|v| Some(v.id.as_str()) == self.control);
            base.and_then(|base| base.metric(name))
                .map(|metric| metric.values.clone())
        };
        of(self.old.0) == of(self.new.0)
    }

    fn equal(&self, new: &MetricValue) -> Change {
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

    /// Every combination of runs. Sessions of one run each say what they say: the assumed drift and the
    /// history are all that is known of their noise.
    fn extremes(
        &self,
        method: Method,
        assumed: f64,
        old: &MetricValue,
        new: &MetricValue,
    ) -> Result<Found, String> {
        let (Some(from), Some(to)) = (logs::range(old), logs::range(new)) else {
            return Err("nothing is a multiple of 0".to_owned());
        };
        Ok(Found {
            method,
            figure: Figure::Absolute,
            assumed,
            centre: (new.figure() / old.figure()).ln(),
            interval: Ok(Interval {
                low: to.low - from.high,
                high: to.high - from.low,
            }),
        })
    }

    /// The shift of the values themselves.
    fn shifted(&self, old: &MetricValue, new: &MetricValue) -> Result<Found, String> {
        let (Some(from), Some(to)) = (logs::of_values(old), logs::of_values(new)) else {
            return Err("a result holds no values, or some that are 0".to_owned());
        };
        let found = shift(&from, &to, ALPHA).ok_or("a result holds no values")?;
        Ok(Found {
            method: Method::Shift,
            figure: Figure::Absolute,
            assumed: DRIFT,
            centre: found.centre,
            interval: enough(found, &from, &to, "run"),
        })
    }

    /// The shift of the ratios to the baseline; none where either result has no pairs.
    fn controlled(&self, name: &str, assumed: f64) -> Option<Found> {
        let baseline = self.control?;
        let of = |(report, variant): (&Report, &VariantReport)| {
            logs::ratios(report, baseline, &variant.id, name)
        };
        let (from, to) = (of(self.old), of(self.new));
        let found = shift(&from, &to, ALPHA)?;
        Some(Found {
            method: Method::Control,
            figure: Figure::Relative,
            assumed,
            centre: found.centre,
            interval: enough(found, &from, &to, "pair"),
        })
    }

    /// Between machines only the ratios to each one's own baseline say anything.
    fn across_machines(
        &self,
        name: &str,
        nature: Nature,
        old: &MetricValue,
        new: &MetricValue,
    ) -> Result<Found, String> {
        const NO_CONTROL: &str =
            "the machines differ, and there is no ratio to a baseline of its own in both";
        if nature == Nature::Noisy {
            return self
                .controlled(name, OTHER_MACHINE)
                .ok_or(NO_CONTROL.to_owned());
        }
        let baseline = |(report, _): (&Report, &VariantReport)| {
            let of = report
                .variants
                .iter()
                .find(|v| Some(v.id.as_str()) == self.control)?;
            of.metric(name).cloned()
        };
        let (Some(old_base), Some(new_base)) = (baseline(self.old), baseline(self.new)) else {
            return Err(NO_CONTROL.to_owned());
        };
        let of = |value: &MetricValue, base: &MetricValue| {
            let (value, base) = (logs::range(value)?, logs::range(base)?);
            Some(Interval {
                low: value.low - base.high,
                high: value.high - base.low,
            })
        };
        let (Some(from), Some(to)) = (of(old, &old_base), of(new, &new_base)) else {
            return Err("nothing is a multiple of 0".to_owned());
        };
        let was = old.figure() / old_base.figure();
        let is = new.figure() / new_base.figure();
        Ok(Found {
            method: Method::Control,
            figure: Figure::Relative,
            assumed: OTHER_MACHINE,
            centre: (is / was).ln(),
            interval: Ok(Interval {
                low: to.low - from.high,
                high: to.high - from.low,
            }),
        })
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

/// The interval of a shift, as wide as the resemblance of neighbouring values asks; or how many values there
/// were.
fn enough(found: Shift, old: &[f64], new: &[f64], noun: &str) -> Result<Interval, String> {
    let factor = resemblance(old).max(resemblance(new));
    let stretch = |end: f64| found.centre + factor * (end - found.centre);
    let interval = found.interval.ok_or_else(|| {
        format!(
            "{} and {} are too few for an interval; five and five are enough",
            old.len(),
            counted(new.len(), noun)
        )
    })?;
    Ok(Interval {
        low: stretch(interval.low),
        high: stretch(interval.high),
    })
}

/// What a sure difference is, by its sign.
fn direction(difference: f64, better: Better) -> Difference {
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
