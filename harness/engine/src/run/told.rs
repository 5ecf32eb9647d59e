//! What a program says about itself: its event lines, folded into values as they come. Pure.

use std::collections::BTreeMap;

use plimsoll_workload::event::{Event, Kind};
use plimsoll_workload::gauges::Snapshot;

use crate::evidence::{HeapCounts, PhaseSpan, ReportedHistogram, ReportedMetric};

/// More entries of one kind than this are counted, not kept: no program has that many on purpose.
const MOST: usize = 10_000;

/// All that a step said.
#[derive(Debug, Default)]
pub(crate) struct Told {
    pub(crate) phases: Vec<PhaseSpan>,
    pub(crate) stages: Vec<(String, f64)>,
    pub(crate) metrics: Vec<ReportedMetric>,
    pub(crate) histograms: Vec<ReportedHistogram>,
    pub(crate) digests: BTreeMap<String, String>,
    /// Needed, available, hint.
    pub(crate) refused: Option<(u64, u64, String)>,
    /// Done, total, unit.
    pub(crate) progress: Option<(u64, Option<u64>, String)>,
    pub(crate) ledger: Vec<(String, u64)>,
    pub(crate) misuse: Vec<String>,
    pub(crate) notices: Vec<String>,
    /// Lines that are no events.
    pub(crate) malformed: u64,
    /// Lines that are.
    pub(crate) events: u64,
    /// Entries for which there was no room.
    pub(crate) left_out: u64,
}

impl Told {
    /// Takes one event in; `begun` is when the step began, in CLOCK_MONOTONIC nanoseconds.
    pub(crate) fn hear(&mut self, event: Event, begun: u64) {
        self.events += 1;
        let t = event.t.saturating_sub(begun) as f64 / 1e9;
        match event.kind {
            Kind::PhaseBegin { phase } => {
                let span = PhaseSpan {
                    name: phase,
                    begin: t,
                    end: None,
                    peak_rss: None,
                };
                push(&mut self.phases, span, &mut self.left_out);
            }
            Kind::PhaseEnd { phase, peak_rss } => {
                let open = |span: &&mut PhaseSpan| span.name == phase && span.end.is_none();
                match self.phases.iter_mut().rev().find(open) {
                    Some(span) => (span.end, span.peak_rss) = (Some(t), peak_rss),
                    None => self.misused(format!("phase `{phase}` ends without having begun")),
                }
            }
            Kind::Stage { stage, cpu_ns, .. } => {
                let value = (stage, cpu_ns as f64 / 1e9);
                put(
                    &mut self.stages,
                    value,
                    |(name, _)| name,
                    &mut self.left_out,
                );
            }
            Kind::Metric {
                name,
                unit,
                better,
                value,
            } => {
                let metric = ReportedMetric {
                    name,
                    unit,
                    better,
                    value,
                };
                put(
                    &mut self.metrics,
                    metric,
                    |metric| &metric.name,
                    &mut self.left_out,
                );
            }
            Kind::Histogram {
                name,
                unit,
                count,
                min,
                mean,
                p50,
                p90,
                p95,
                p99,
                p999,
                max,
            } => {
                let quantiles = vec![
                    (0.5, p50),
                    (0.9, p90),
                    (0.95, p95),
                    (0.99, p99),
                    (0.999, p999),
                ];
                let histogram = ReportedHistogram {
                    name,
                    unit,
                    count,
                    min,
                    max,
                    mean,
                    quantiles,
                };
                put(
                    &mut self.histograms,
                    histogram,
                    |histogram| &histogram.name,
                    &mut self.left_out,
                );
            }
            Kind::Digest { name, value } => {
                let changed = self
                    .digests
                    .get(&name)
                    .is_some_and(|before| *before != value);
                if changed {
                    self.misused(format!(
                        "digest `{name}` was reported twice, with different values"
                    ));
                }
                if self.digests.len() < MOST || self.digests.contains_key(&name) {
                    self.digests.insert(name, value);
                } else {
                    self.left_out += 1;
                }
            }
            Kind::Refused {
                needed,
                available,
                hint,
            } => {
                self.refused = Some((needed, available, hint));
            }
            Kind::Progress { done, total, unit } => self.progress = Some((done, total, unit)),
            Kind::Ledger { component, bytes } => {
                put(
                    &mut self.ledger,
                    (component, bytes),
                    |(name, _)| name,
                    &mut self.left_out,
                );
            }
            Kind::Misuse { about } => self.misused(about),
            Kind::Notice { about } => push(&mut self.notices, about, &mut self.left_out),
            Kind::End { .. } => {}
        }
    }

    fn misused(&mut self, about: String) {
        push(&mut self.misuse, about, &mut self.left_out);
    }

    /// The phase that runs, or in which the program died.
    pub(crate) fn phase(&self) -> Option<&str> {
        self.phases
            .iter()
            .rev()
            .find(|span| span.end.is_none())
            .map(|span| span.name.as_str())
    }

    /// Takes in the gauge page's last state. What a program keeps there wins over its events.
    pub(crate) fn see(&mut self, page: &Snapshot) {
        if let Some(progress) = &page.progress {
            self.progress = Some((progress.done, progress.total, progress.unit.clone()));
        }
        if !page.ledger.is_empty() {
            self.ledger = page
                .ledger
                .iter()
                .map(|l| (l.component.clone(), l.bytes))
                .collect();
        }
        for span in &mut self.phases {
            // A phase that ran several times has one peak there: the highest. One that was cut
            // short has none in its events.
            let kept = page.phases.iter().find(|phase| phase.name == span.name);
            span.peak_rss = span.peak_rss.or(kept.and_then(|phase| phase.peak));
        }
        self.left_out += u64::from(page.left_out);
    }
}

/// What the malloc layer counted, where it did.
pub(crate) fn heap_counts(page: &Snapshot) -> Option<HeapCounts> {
    // One that was counted from outside has all of its heap in C's.
    let outside = page.rust.is_none();
    if outside && page.c.is_none() {
        return None;
    }
    let (rust, c) = (page.rust.unwrap_or_default(), page.c.unwrap_or_default());
    Some(HeapCounts {
        peak: page.heap_peak.unwrap_or(rust.peak),
        peak_rust: rust.peak,
        peak_c: page.c.filter(|_| !outside).map(|c| c.peak),
        total: rust.total.saturating_add(c.total),
        allocations: rust.calls.saturating_add(c.calls),
        error: page.heap_error,
        whole: page.heap_is_whole,
        processes: u32::from(outside),
    })
}

fn push<T>(entries: &mut Vec<T>, entry: T, left_out: &mut u64) {
    if entries.len() < MOST {
        entries.push(entry);
    } else {
        *left_out += 1;
    }
}

/// Replaces the entry of the same name, or adds it.
fn put<T>(entries: &mut Vec<T>, entry: T, name: impl Fn(&T) -> &String, left_out: &mut u64) {
    match entries.iter().position(|kept| name(kept) == name(&entry)) {
        Some(at) => entries[at] = entry,
        None => push(entries, entry, left_out),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hear(lines: &[&str]) -> Told {
        let mut told = Told::default();
        for line in lines {
            told.hear(
                plimsoll_workload::event::parse_line(line.as_bytes()).unwrap(),
                1_000_000_000,
            );
        }
        told
    }

    #[test]
    fn phases_open_and_close_and_the_last_open_one_is_where_it_died() {
        let told = hear(&[
            r#"{"t":1500000000,"event":"phase_begin","phase":"read"}"#,
            r#"{"t":2000000000,"event":"phase_end","phase":"read","peak_rss":77}"#,
            r#"{"t":2000000000,"event":"phase_begin","phase":"build"}"#,
        ]);
        assert_eq!(told.phases[0].begin, 0.5);
        assert_eq!(
            (told.phases[0].end, told.phases[0].peak_rss),
            (Some(1.0), Some(77))
        );
        assert_eq!(told.phase(), Some("build"));
    }

    #[test]
    fn the_last_line_of_a_name_counts() {
        let told = hear(&[
            r#"{"t":1,"event":"metric","name":"n","unit":"count","better":"higher","value":1}"#,
            r#"{"t":2,"event":"metric","name":"n","unit":"count","better":"higher","value":5}"#,
            r#"{"t":2,"event":"ledger","component":"queue","bytes":5}"#,
            r#"{"t":3,"event":"ledger","component":"queue","bytes":3}"#,
        ]);
        assert_eq!(told.metrics.len(), 1);
        assert_eq!(told.metrics[0].value, 5.0);
        assert_eq!(told.ledger, [("queue".to_owned(), 3)]);
    }

    #[test]
    fn contradictions_are_misuse() {
        let told = hear(&[
            r#"{"t":1,"event":"digest","name":"d","value":"sum64:1"}"#,
            r#"{"t":2,"event":"digest","name":"d","value":"sum64:2"}"#,
            r#"{"t":3,"event":"phase_end","phase":"never"}"#,
        ]);
        assert_eq!(told.misuse.len(), 2, "{:?}", told.misuse);
        assert_eq!(told.digests["d"], "sum64:2");
    }
}
