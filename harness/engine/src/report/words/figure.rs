//! Single figures: a metric's one figure over all trials, an estimate with its error, the name of a quantile.

use plimsoll_workload::Better;

use crate::evidence::Aggregate;
use crate::report::{Metric, MetricValue, VariantReport, format};

/// What stands in a cell without a figure.
pub(crate) const NOTHING: &str = "-";

/// Which figures stand in a table of variants.
pub(crate) const FIGURES: &str =
    "wall and cpu: median; peaks: the worst trial; x: times the baseline's";

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

/// Bytes, with their standard error where they are an estimate: `412 MiB ± 14.1 MiB`.
pub(crate) fn estimated(bytes: u64, error: Option<u64>) -> String {
    let bytes = format::bytes(bytes as f64);
    match error {
        Some(error) => format!("{bytes} ± {}", format::bytes(error as f64)),
        None => bytes,
    }
}

/// A quantile's name without its `p`: `50`, `99.9`.
pub(crate) fn quantile(q: f64) -> String {
    let percent = (q * 1e6).round() / 1e4;
    format!("{percent}")
}

#[cfg(test)]
mod tests {
    use crate::report::sample;

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
}
