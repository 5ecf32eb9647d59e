//! What all renderers say in the same words: a metric's one figure, who equals whom, the headline.

use super::format;
use super::{Metric, MetricValue, Report, VariantReport, Verdict};
use crate::evidence::{Aggregate, CallSite, CapsKind};
use plimsoll_workload::Better;

/// Said above everything where the user cut the session short.
pub(crate) const INTERRUPTED: &str =
    "INTERRUPTED: the session was cut short; what had been measured by then is shown.";

/// What stands in a cell without a figure.
pub(crate) const NOTHING: &str = "-";

impl MetricValue {
    /// The one figure that stands for all trials: the median, or the trial that binds.
    pub fn figure(&self) -> f64 {
        match (self.aggregate, self.better) {
            (Aggregate::Median, _) | (Aggregate::Worst, Better::Neither) => self.median,
            (Aggregate::Worst, Better::Lower) => self.max,
            (Aggregate::Worst, Better::Higher) => self.min,
        }
    }

    /// [`MetricValue::figure`] in words.
    pub(crate) fn figure_text(&self) -> String {
        format::value(self.unit, self.figure())
    }
}

impl VariantReport {
    /// A metric's values, unless it could not be had.
    pub fn metric(&self, name: &str) -> Option<&MetricValue> {
        match self.metrics.get(name) {
            Some(Metric::Value(value)) => Some(value),
            Some(Metric::Absent { .. }) | None => None,
        }
    }

    /// A metric's one figure in words, or a dash.
    pub(crate) fn figure_text(&self, name: &str) -> String {
        self.metric(name)
            .map_or_else(|| NOTHING.to_owned(), MetricValue::figure_text)
    }

    /// A metric's ratio to the baseline in words.
    pub(crate) fn ratio_text(&self, name: &str) -> Option<String> {
        self.relative.get(name).map(|r| format::ratio(r.ratio))
    }
}

impl Report {
    /// The variant that others are held against.
    pub fn baseline(&self) -> Option<&VariantReport> {
        self.variants.iter().find(|variant| variant.baseline)
    }

    /// Scenario and size: `ortho, size full`.
    pub(crate) fn title(&self) -> String {
        format!("{}, size {}", self.scenario, self.size)
    }

    /// Everything that must be said before any figure, the gravest first.
    pub(crate) fn alarms(&self) -> impl Iterator<Item = &str> {
        let interrupted = self.interrupted.then_some(INTERRUPTED);
        let warnings = self.warnings.iter().map(String::as_str);
        interrupted.into_iter().chain(warnings)
    }

    /// Whether the figures are not to be compared with any other, or not all there.
    pub(crate) fn grave(&self) -> bool {
        self.machine.debug_build || self.interrupted
    }

    /// How many targets got which verdict: `5 pass, 1 fail, 1 inconclusive`.
    pub(crate) fn tally(&self) -> String {
        if self.verdicts.is_empty() {
            return "no targets".into();
        }
        let order = [
            Verdict::Pass,
            Verdict::Fail,
            Verdict::Inconclusive,
            Verdict::Absent,
        ];
        let parts = order.into_iter().filter_map(|verdict| {
            let number = self
                .verdicts
                .iter()
                .filter(|v| v.verdict == verdict)
                .count();
            (number > 0).then(|| format!("{number} {verdict}"))
        });
        parts.collect::<Vec<_>>().join(", ")
    }

    /// How a variant's output compares with the baseline's, or where there is none, with that of
    /// the first variant that has a digest.
    pub(crate) fn sameness(&self, variant: &VariantReport) -> Sameness {
        let with_digests = || self.variants.iter().filter(|v| !v.digests.is_empty());
        let reference = with_digests()
            .find(|v| v.baseline)
            .or_else(|| with_digests().next());
        let Some(reference) = reference else {
            return Sameness::Unknown;
        };
        if reference.id == variant.id {
            return Sameness::Reference;
        }
        let mut common = reference
            .digests
            .iter()
            .filter_map(|(name, value)| Some((value, variant.digests.get(name)?)))
            .peekable();
        if common.peek().is_none() {
            Sameness::Unknown
        } else if common.all(|(a, b)| a == b) {
            Sameness::Same
        } else {
            Sameness::Differs
        }
    }
}

/// How a variant's digests compare with the reference's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sameness {
    /// It is the one that others are compared with.
    Reference,
    /// Every digest that both have is equal.
    Same,
    /// One that both have is not.
    Differs,
    /// There is nothing to compare.
    Unknown,
}

impl Sameness {
    /// The word for a table's cell.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Sameness::Reference => "reference",
            Sameness::Same => "same",
            Sameness::Differs => "differs",
            Sameness::Unknown => NOTHING,
        }
    }
}

/// What a call site is called: the innermost frame that is the program's own, and its caller.
pub(crate) fn call_site(site: &CallSite) -> (&str, Option<&str>) {
    let own = site.frames.iter().position(|frame| !is_library(frame));
    let mut frames = site.frames[own.unwrap_or(0)..].iter().map(String::as_str);
    (frames.next().unwrap_or("(no frames)"), frames.next())
}

/// True for frames of the standard library and of containers, which say how but not why.
pub(crate) fn is_library(frame: &str) -> bool {
    const CRATES: [&str; 6] = [
        "alloc::",
        "core::",
        "std::",
        "hashbrown::",
        "smallvec::",
        "bytes::",
    ];
    let frame = frame.trim_start_matches('<');
    CRATES.iter().any(|name| frame.starts_with(name))
}

/// A quantile's name without its `p`: `50`, `99.9`.
pub(crate) fn quantile(q: f64) -> String {
    let percent = (q * 1e6).round() / 1e4;
    format!("{percent}")
}

/// The machine as name and value, in the order of a table.
pub(crate) fn machine(report: &Report) -> Vec<(&'static str, String)> {
    let machine = &report.machine;
    let caps = match machine.caps {
        CapsKind::CgroupV2 => "cgroup v2",
        CapsKind::CgroupV1 => "cgroup v1",
        CapsKind::Sampled => "by sampling: the kernel enforces none here",
    };
    let build = if machine.debug_build {
        "debug"
    } else {
        "release"
    };
    vec![
        (
            "processor",
            format!(
                "{}, {}",
                machine.cpu,
                format::counted(machine.cores as usize, "core")
            ),
        ),
        (
            "memory",
            format!(
                "{}, of it {} available at the start",
                format::bytes(machine.memory as f64),
                format::bytes(machine.available as f64)
            ),
        ),
        ("swap", format::bytes(machine.swap as f64)),
        (
            "system",
            format!("{}, Linux {} {}", machine.os, machine.kernel, machine.arch),
        ),
        (
            "governor",
            machine
                .governor
                .clone()
                .unwrap_or_else(|| "not readable".into()),
        ),
        ("load at the start", format!("{:.2}", machine.load)),
        ("memory caps", caps.into()),
        (
            "harness",
            format!("plimsoll {}, {build} build", machine.plimsoll),
        ),
        ("fingerprint", machine.fingerprint.clone()),
        (
            "started",
            format!(
                "{}, took {}",
                report.started,
                format::seconds(report.elapsed)
            ),
        ),
        ("seed of the order", report.seed.to_string()),
    ]
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    #[test]
    fn outputs_are_compared_by_common_digests() {
        let mut report = sample::report();
        let words = |report: &Report| -> Vec<&str> {
            report
                .variants
                .iter()
                .map(|v| report.sameness(v).word())
                .collect()
        };
        assert_eq!(words(&report), ["reference", "-", "same", "same"]);
        report.variants[2]
            .digests
            .insert("orthos".into(), "sum64:0".into());
        assert_eq!(words(&report), ["reference", "-", "differs", "same"]);
        report.variants[0].digests.clear();
        assert_eq!(words(&report), ["-", "-", "reference", "differs"]);
    }

    #[test]
    fn the_figure_is_the_trial_that_binds() {
        let report = sample::report();
        let depth_first = &report.variants[3];
        let peak = depth_first.metric("peak_rss").unwrap();
        assert_eq!(peak.figure(), peak.max);
        let wall = depth_first.metric("wall").unwrap();
        assert_eq!(wall.figure(), wall.median);
        assert_eq!(depth_first.figure_text("peak_cgroup"), "-");
    }

    #[test]
    fn the_gravest_is_said_first() {
        let mut report = sample::report();
        report.interrupted = true;
        assert_eq!(report.alarms().next(), Some(INTERRUPTED));
        assert!(report.grave());
        assert_eq!(report.tally(), "5 pass, 1 fail, 1 inconclusive, 1 absent");
    }
}
