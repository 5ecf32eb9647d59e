//! How two results' figures of one metric are held against each other: by the method that suits what it is and where
//! they come from.

use super::logs;
use super::metric::{ALPHA, Pair, direction};
use super::noise::Figure;
use super::shift::{Shift, resemblance, shift};
use crate::analyze::Interval;
use crate::evidence::Aggregate;
use crate::report::format::counted;
use crate::report::{Change, Difference, Method, MetricValue, Report, VariantReport};

/// Counts of the kernel that vary like times do.
const NOISY_COUNTS: [&str; 3] = ["minor_faults", "major_faults", "context_switches"];
/// Sources whose figures are the same in every run of a deterministic program.
const EXACT_SOURCES: [&str; 3] = ["malloc layer", "workload", "valgrind"];

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
pub(super) struct Found {
    pub(super) method: Method,
    pub(super) figure: Figure,
    pub(super) assumed: f64,
    /// Of the log ratio.
    pub(super) centre: f64,
    /// Of the log ratio; or why there is none.
    pub(super) interval: Result<Interval, String>,
}

impl Pair<'_> {
    /// The log ratio and its interval by the method that suits, or the change where there is none.
    pub(super) fn found(
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
        let baseline =
            |(report, _): (&Report, &VariantReport)| self.control_in(report)?.metric(name).cloned();
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
