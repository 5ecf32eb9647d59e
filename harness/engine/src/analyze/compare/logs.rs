//! The values of a stored metric as logarithms, in which a ratio is a difference.

use std::collections::BTreeMap;

use crate::analyze::{Interval, instrument_of};
use crate::evidence::{Outcome, Role};
use crate::report::{MetricValue, Report, TrialSummary};

/// The logarithms of every value; none where one is not above 0, or where there are no values.
pub(super) fn of_values(metric: &MetricValue) -> Option<Vec<f64>> {
    let positive = metric.values.iter().all(|value| *value > 0.0);
    let logs = || metric.values.iter().map(|value| value.ln()).collect();
    (positive && !metric.values.is_empty()).then(logs)
}

/// The range of the logarithms; none where a value is not above 0.
pub(super) fn range(metric: &MetricValue) -> Option<Interval> {
    (metric.min > 0.0 && metric.max.is_finite()).then(|| Interval {
        low: metric.min.ln(),
        high: metric.max.ln(),
    })
}

/// The log ratios of a variant to the baseline, one per round in which both completed.
pub(super) fn ratios(report: &Report, baseline: &str, variant: &str, metric: &str) -> Vec<f64> {
    let of = |id: &str| -> BTreeMap<u32, f64> {
        let trials = report.trials.iter().filter(|trial| {
            trial.head.variant == id
                && trial.head.role == Role::Measured
                && trial.head.instrument == instrument_of(metric)
                && trial.head.outcome == Outcome::Completed
        });
        trials
            .filter_map(|trial| Some((trial.head.block?.round, value(trial, metric)?)))
            .collect()
    };
    let baseline = of(baseline);
    let both = of(variant).into_iter().filter_map(|(round, value)| {
        let base = *baseline.get(&round)?;
        (base > 0.0 && value > 0.0).then(|| (value / base).ln())
    });
    both.collect()
}

/// A trial's value; results of earlier versions keep no others than these three.
fn value(trial: &TrialSummary, metric: &str) -> Option<f64> {
    trial.metrics.get(metric).copied().or(match metric {
        "wall" => Some(trial.wall),
        "cpu" => Some(trial.cpu),
        "peak_rss" => Some(trial.peak_rss as f64),
        _ => None,
    })
}
