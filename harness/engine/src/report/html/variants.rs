//! Everything about one variant.

use super::super::plots::{PlotError, memory, series_class};
use super::super::{Metric, Report, VariantReport, format, text};
use super::charts::{Chart, NARROW, WIDE};
use crate::evidence::Outcome;

/// Longest value of a parameter or digest.
const VALUE: usize = 200;

/// One variant's part of the page.
pub(super) struct VariantPage {
    pub(super) id: String,
    pub(super) class: String,
    pub(super) baseline: bool,
    pub(super) completed: bool,
    pub(super) outcome: &'static str,
    pub(super) about: String,
    pub(super) diagnosis: String,
    pub(super) facts: Vec<(String, String)>,
    pub(super) chart: Option<Chart>,
    pub(super) metrics: Vec<MetricRow>,
    pub(super) stderr: String,
}

/// One metric with all that is known of it.
pub(super) struct MetricRow {
    pub(super) name: String,
    pub(super) absent: String,
    pub(super) n: u32,
    pub(super) min: String,
    pub(super) median: String,
    pub(super) max: String,
    pub(super) ratio: String,
    pub(super) source: String,
}

/// The variants in their order.
pub(super) fn pages(report: &Report) -> Result<Vec<VariantPage>, PlotError> {
    let pages = report.variants.iter().enumerate();
    pages.map(|(place, variant)| page(place, variant)).collect()
}

fn page(place: usize, variant: &VariantReport) -> Result<VariantPage, PlotError> {
    let chart = match &variant.timeline {
        Some(timeline) => {
            let wide = memory(&variant.id, place, timeline, WIDE)?;
            wide.zip(memory(&variant.id, place, timeline, NARROW)?)
        }
        None => None,
    };
    Ok(VariantPage {
        id: text::line(&variant.id, text::LABEL),
        class: series_class(place),
        baseline: variant.baseline,
        completed: variant.outcome == Outcome::Completed,
        outcome: variant.outcome.name(),
        about: text::line(&variant.about, text::SENTENCE),
        diagnosis: text::line(&variant.diagnosis, text::SENTENCE),
        facts: facts(variant),
        chart: chart.map(|(wide, narrow)| Chart { wide, narrow }),
        metrics: variant
            .metrics
            .iter()
            .map(|(name, metric)| row(variant, name, metric))
            .collect(),
        stderr: text::tail(variant.stderr_tail.as_deref().unwrap_or_default(), 8_000),
    })
}

fn facts(variant: &VariantReport) -> Vec<(String, String)> {
    let mut facts = vec![
        (
            "runs".to_owned(),
            text::line(&variant.implementation, 1_000),
        ),
        (
            "allocator".to_owned(),
            text::line(&variant.allocator, VALUE),
        ),
    ];
    if let Some(threads) = variant.threads {
        facts.push(("threads".into(), threads.to_string()));
    }
    for (name, value) in &variant.params {
        let value = match value {
            serde_json::Value::String(value) => text::line(value, VALUE),
            value => text::line(&value.to_string(), VALUE),
        };
        facts.push((format!("params.{}", text::line(name, text::LABEL)), value));
    }
    for (name, digest) in &variant.digests {
        let name = format!("digest {}", text::line(name, text::LABEL));
        facts.push((name, text::line(digest, VALUE)));
    }
    facts
}

fn row(variant: &VariantReport, name: &str, metric: &Metric) -> MetricRow {
    let mut row = MetricRow {
        name: text::line(name, text::LABEL),
        absent: String::new(),
        n: 0,
        min: String::new(),
        median: String::new(),
        max: String::new(),
        ratio: String::new(),
        source: String::new(),
    };
    match metric {
        Metric::Absent { absent } => row.absent = text::line(absent, text::SENTENCE),
        Metric::Value(value) => {
            let figure = |v| format::value(value.unit, v);
            row.n = value.n;
            row.min = figure(value.min);
            row.median = figure(value.median);
            row.max = figure(value.max);
            row.source = text::line(&value.source, text::LABEL);
            if let Some(relative) = variant.relative.get(name) {
                row.ratio = format::ratio_interval(relative.ratio, relative.low, relative.high);
            }
        }
    }
    row
}
