//! The words of a comparison that all its forms share.

use super::super::words::heap::at_the_peak;
use super::super::words::{self, NOTHING};
use super::super::{Subject, format, text};
use super::{
    Change, Comparison, Difference, Ending, Method, MetricComparison, OutputSameness,
    ScenarioComparison, VariantComparison,
};

/// Longest name of a set of results in a column's head.
const HEAD: usize = 24;

/// One row of a table.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::report) struct Cells {
    /// What it is about: a metric's name, or `output`.
    pub(in crate::report) name: String,
    /// The later set of results.
    pub(in crate::report) result: String,
    pub(in crate::report) old: String,
    pub(in crate::report) new: String,
    /// The ratio with its interval.
    pub(in crate::report) ratio: String,
    pub(in crate::report) verdict: String,
    /// For its colour.
    pub(in crate::report) kind: Difference,
}

impl Comparison {
    /// Whether rows need to say which later set of results they are about.
    pub(in crate::report) fn several(&self) -> bool {
        self.results.len() > 2
    }

    /// What a set of results is called in a table.
    pub(in crate::report) fn head(&self, place: usize) -> String {
        let name = self.results.get(place).map_or("", String::as_str);
        text::line(name, HEAD)
    }

    /// How many metrics came out how: `2 regressed, 14 no difference`.
    pub(in crate::report) fn tally(&self) -> String {
        let order = [
            Difference::Regressed,
            Difference::Improved,
            Difference::Differs,
            Difference::NoDifference,
            Difference::Inconclusive,
            Difference::Absent,
        ];
        let variants = || {
            self.scenarios
                .iter()
                .flat_map(|scenario| &scenario.variants)
        };
        let changes = || variants().flat_map(|v| &v.metrics).flat_map(|m| &m.changes);
        let lost = variants()
            .flat_map(|variant| &variant.endings)
            .filter(|ending| ending.verdict == Difference::Regressed)
            .count();
        let lost = (lost > 0).then(|| format!("{lost} no longer completed"));
        let parts = order.into_iter().filter_map(|verdict| {
            let number = changes().filter(|change| change.verdict == verdict).count();
            (number > 0).then(|| format!("{number} {verdict}"))
        });
        let parts: Vec<String> = lost.into_iter().chain(parts).collect();
        match parts.is_empty() {
            true => "nothing to compare".to_owned(),
            false => parts.join(", "),
        }
    }
}

impl ScenarioComparison {
    /// What it is of: `ortho, size full`.
    pub(in crate::report) fn title(&self) -> String {
        let subject = Subject {
            scenario: &self.scenario,
            size: &self.size,
            part: self.part.as_deref(),
        };
        text::line(&subject.to_string(), 2 * text::LABEL)
    }

    /// When each session was: `main 2026-11-20 10:00:00 UTC; next 2026-11-21 11:00:00 UTC`.
    pub(in crate::report) fn when(&self, comparison: &Comparison) -> String {
        let sessions = self
            .sessions
            .iter()
            .enumerate()
            .filter_map(|(place, session)| {
                let started = words::moment(&session.as_ref()?.started);
                Some(format!(
                    "{}: {}",
                    comparison.head(place),
                    text::line(&started, 40)
                ))
            });
        sessions.collect::<Vec<_>>().join("; ")
    }
}

/// The rows of a variant: how it ended where that or its output changed, then its metrics, but for those that
/// are gone because it did not complete.
pub(in crate::report) fn cells(comparison: &Comparison, variant: &VariantComparison) -> Vec<Cells> {
    let mut rows = Vec::new();
    for ending in &variant.endings {
        rows.extend(of_ending(comparison, ending));
    }
    for metric in &variant.metrics {
        let changes = metric
            .changes
            .iter()
            .filter(|change| !ended(variant, change));
        rows.extend(changes.map(|change| of_change(comparison, metric, change)));
    }
    rows
}

/// Whether a metric is gone because its variant did not complete.
fn ended(variant: &VariantComparison, change: &Change) -> bool {
    let mut endings = variant.endings.iter();
    change.verdict == Difference::Absent
        && endings.any(|ending| ending.result == change.result && ending.diagnosis.is_some())
}

fn of_ending(comparison: &Comparison, ending: &Ending) -> Vec<Cells> {
    let row = |name: &str, old: &str, new: &str, verdict: String, kind| Cells {
        name: name.to_owned(),
        result: comparison.head(ending.result as usize),
        old: old.to_owned(),
        new: new.to_owned(),
        ratio: NOTHING.to_owned(),
        verdict,
        kind,
    };
    let mut rows = Vec::new();
    if ending.was != ending.is {
        let (was, is) = (ending.was.name(), ending.is.name());
        rows.push(row(
            "outcome",
            was,
            is,
            ending.verdict.to_string(),
            ending.verdict,
        ));
    }
    if ending.output == OutputSameness::Differs {
        let kind = Difference::Differs;
        rows.push(row("output", NOTHING, NOTHING, kind.to_string(), kind));
    }
    rows
}

fn of_change(comparison: &Comparison, metric: &MetricComparison, change: &Change) -> Cells {
    let figure = |value: Option<f64>| {
        value.map_or_else(
            || NOTHING.to_owned(),
            |value| format::value(metric.unit, value),
        )
    };
    Cells {
        name: text::line(&metric.metric, text::LABEL),
        result: comparison.head(change.result as usize),
        old: figure(metric.old),
        new: figure(change.new),
        ratio: ratio(change),
        verdict: change.verdict.to_string(),
        kind: change.verdict,
    }
}

/// `0.98 x [0.96, 1.01]`; a ratio of ratios to the baseline is marked with a `b`.
fn ratio(change: &Change) -> String {
    let Some(ratio) = change.ratio else {
        return NOTHING.to_owned();
    };
    let mark = if change.method == Method::Control {
        " b"
    } else {
        ""
    };
    match (change.low, change.high) {
        (Some(low), Some(high)) if low == high => format!("{}{mark}", fine(ratio)),
        (Some(low), Some(high)) => {
            let bare = |value: f64| fine(value).trim_end_matches(" x").to_owned();
            format!("{}{mark} [{}, {}]", fine(ratio), bare(low), bare(high))
        }
        _ => format!("{}{mark}", fine(ratio)),
    }
}

/// Near 1 a ratio's third decimal is what matters.
fn fine(ratio: f64) -> String {
    if (0.9..1.1).contains(&ratio) {
        format!("{ratio:.3} x")
    } else {
        format::ratio(ratio)
    }
}

/// What the marks mean, as far as there are any.
pub(in crate::report) fn legend(scenario: &ScenarioComparison) -> Option<&'static str> {
    let mut changes = scenario
        .variants
        .iter()
        .flat_map(|v| &v.metrics)
        .flat_map(|m| &m.changes);
    changes
        .any(|change| change.method == Method::Control)
        .then_some("b: the ratio to the baseline of the same session, against that ratio in the first; it takes the drift of the machine out")
}

/// What stands below a scenario's table: what differs besides the figures, why variants did not complete, and
/// why metrics are not decided.
pub(in crate::report) fn footnotes(
    comparison: &Comparison,
    scenario: &ScenarioComparison,
) -> Vec<String> {
    let mut said = Vec::new();
    for variant in &scenario.variants {
        let id = text::line(&variant.id, text::LABEL);
        if !variant.notes.is_empty() {
            said.push(format!(
                "{id}: {}",
                text::line(&variant.notes.join("; "), text::SENTENCE)
            ));
        }
        for ending in &variant.endings {
            if let Some(diagnosis) = &ending.diagnosis {
                let name = comparison.head(ending.result as usize);
                said.push(format!(
                    "{id} in {name}: {}",
                    text::line(diagnosis, text::SENTENCE)
                ));
            }
        }
        said.extend(reasons(comparison, variant).map(|reason| format!("{id}: {reason}")));
    }
    said
}

/// Each reason once, after the metrics that it holds for.
fn reasons(comparison: &Comparison, variant: &VariantComparison) -> impl Iterator<Item = String> {
    let mut by_reason: Vec<(String, Vec<String>)> = Vec::new();
    for metric in &variant.metrics {
        for change in &metric.changes {
            let Some(reason) = change.reason.as_ref().filter(|_| !ended(variant, change)) else {
                continue;
            };
            let reason = text::line(reason, text::SENTENCE);
            let mut name = text::line(&metric.metric, text::LABEL);
            if comparison.several() {
                name = format!("{name} in {}", comparison.head(change.result as usize));
            }
            match by_reason.iter_mut().find(|(known, _)| *known == reason) {
                Some((_, names)) => names.push(name),
                None => by_reason.push((reason, vec![name])),
            }
        }
    }
    by_reason
        .into_iter()
        .map(|(reason, names)| format!("{}: {reason}", names.join(", ")))
}

/// What changed in the heap of a variant, line by line.
pub(in crate::report) struct HeapLines {
    pub(in crate::report) title: String,
    pub(in crate::report) lines: Vec<String>,
}

/// Call sites shown of a heap.
const HEAP_SITES: usize = 6;

/// The heaps of a scenario's variants that changed at the peak.
pub(in crate::report) fn heaps(
    comparison: &Comparison,
    scenario: &ScenarioComparison,
) -> Vec<HeapLines> {
    let variants = scenario.variants.iter();
    let changes =
        variants.flat_map(|variant| variant.heaps.iter().map(move |heap| (variant, heap)));
    let lines = changes.map(|(variant, heap)| HeapLines {
        title: format!(
            "heap of {} at the peak in {}, by call site",
            text::line(&variant.id, text::LABEL),
            comparison.head(heap.result as usize)
        ),
        lines: at_the_peak(&heap.difference, HEAP_SITES),
    });
    lines.filter(|heap| !heap.lines.is_empty()).collect()
}
