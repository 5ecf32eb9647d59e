//! Sweeps: which metrics are told of, and what is said of them.

use plimsoll_workload::Unit;

use crate::report::{FrontierReport, GrowthReport, Metric, SweepReport, format, text};

impl SweepReport {
    /// The metrics whose growth is told: time first, then memory, then what targets named.
    pub(crate) fn grown(&self) -> Vec<&str> {
        let variants = self.variants.iter();
        let mut metrics = distinct(variants.flat_map(|variant| variant.growth.keys()));
        let order = ["wall", "cpu", "peak_rss"];
        let place = |name: &&str| order.iter().position(|known| known == name);
        metrics.sort_by_key(|name| place(name).unwrap_or(order.len()));
        metrics
    }

    /// The unit of a metric.
    pub(crate) fn unit(&self, metric: &str) -> Option<Unit> {
        let points = self.variants.iter().flat_map(|variant| &variant.points);
        let mut metrics = points.filter_map(|point| point.metrics.get(metric));
        metrics.find_map(|metric| match metric {
            Metric::Value(value) => Some(value.unit),
            Metric::Absent { .. } => None,
        })
    }

    /// The metrics whose frontiers are told: the elapsed time last, which nobody asked for.
    pub(crate) fn costs(&self) -> Vec<&str> {
        let variants = self.variants.iter();
        let mut costs = distinct(variants.flat_map(|variant| variant.frontiers.keys()));
        costs.sort_by_key(|name| *name == "wall");
        costs
    }

    /// What every variant comes to at each quality that a target looks at, with the variant's id.
    pub(crate) fn at_equal_quality(&self) -> Vec<(&str, String)> {
        let mut told = Vec::new();
        let quality = text::line(self.quality.as_deref().unwrap_or_default(), text::LABEL);
        let unit = self.quality.as_ref().and_then(|name| self.unit(name));
        for variant in &self.variants {
            for (metric, frontier) in &variant.frontiers {
                let metric = text::line(metric, text::LABEL);
                let mut say = |said: String| {
                    told.push((variant.id.as_str(), text::line(&said, text::SENTENCE)));
                };
                match frontier {
                    FrontierReport::Known { at, .. } => {
                        for at in at {
                            let place = format::value(unit.unwrap_or(Unit::Count), at.quality);
                            say(format!("{metric} at {quality} {place}: {}", at.told));
                        }
                    }
                    FrontierReport::Absent { absent } => {
                        say(format!("{metric}: no frontier: {absent}"));
                    }
                }
            }
        }
        told
    }

    /// Every growth in one sentence, with the variant's id.
    pub(crate) fn told(&self) -> Vec<(&str, String)> {
        let mut told = Vec::new();
        for variant in &self.variants {
            for metric in self.grown() {
                let name = text::line(metric, text::LABEL);
                let said = match variant.growth.get(metric) {
                    Some(GrowthReport::Fitted(fit)) => format!("{name} {}", fit.words),
                    Some(GrowthReport::Absent { absent }) => {
                        format!("{name}: no growth can be told: {absent}")
                    }
                    None => continue,
                };
                told.push((variant.id.as_str(), text::line(&said, text::SENTENCE)));
            }
        }
        told
    }
}

/// Each name once, in the order in which they come.
fn distinct<'a>(names: impl Iterator<Item = &'a String>) -> Vec<&'a str> {
    let mut distinct: Vec<&str> = Vec::new();
    for name in names {
        if !distinct.contains(&name.as_str()) {
            distinct.push(name);
        }
    }
    distinct
}
