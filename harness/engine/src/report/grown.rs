//! Sweeps as results tell them: every growth in words, and as a curve to draw.

use std::collections::BTreeMap;

use plimsoll_workload::Unit;

use super::{
    AtQualityReport, CurvePoint, FittedGrowth, FrontierPointReport, FrontierReport, GrowthReport,
    Metric, ModelReport, PointReport, RangeReport, SweepReport, SweptReport,
};
use super::{format, text};
use crate::analyze::{
    Analysis, Candidate, Curve, Frontier, FrontierPoint, GROWTH_LEVEL, Growth, Range, Shape,
    SweepAnalysis, SweptVariant,
};
use crate::plan::Plan;
use crate::scenario::{Expectation, Place};

/// Points of a curve within the sizes that were run, and beyond.
const WITHIN: usize = 15;
const BEYOND: usize = 5;
/// How far a curve is drawn beyond the largest size where no target asks for more.
const FURTHER: f64 = 2.0;

/// What results say of the sweeps.
pub(super) fn sweeps(plan: &Plan, analysis: &Analysis) -> Vec<SweepReport> {
    let report = |sweep: &SweepAnalysis| SweepReport {
        parameter: sweep.parameter.clone(),
        quality: sweep.quality.clone(),
        variants: sweep
            .variants
            .iter()
            .map(|variant| swept(plan, sweep, variant))
            .collect(),
    };
    analysis.sweeps.iter().map(report).collect()
}

fn swept(plan: &Plan, sweep: &SweepAnalysis, variant: &SweptVariant) -> SweptReport {
    let points = variant.points.iter().map(|point| PointReport {
        value: point.value,
        outcome: point.outcome,
        diagnosis: point.diagnosis.clone(),
        metrics: point
            .metrics
            .iter()
            .map(|(name, series)| {
                let metric = match series {
                    Ok(series) => Metric::Value(series.summary()),
                    Err(absent) => Metric::Absent {
                        absent: absent.clone(),
                    },
                };
                (name.clone(), metric)
            })
            .collect(),
    });
    let furthest = furthest(plan, &sweep.parameter);
    let growth = variant.growth.iter().map(|(name, growth)| {
        let unit = variant
            .first(name)
            .map_or(Unit::Count, |series| series.about.unit);
        let report = match growth {
            Ok(growth) => GrowthReport::Fitted(Box::new(fitted(growth, unit, furthest))),
            Err(absent) => GrowthReport::Absent {
                absent: absent.clone(),
            },
        };
        (name.clone(), report)
    });
    SweptReport {
        id: variant.id.clone(),
        points: points.collect(),
        growth: growth.collect(),
        frontiers: match &sweep.quality {
            Some(quality) => frontiers(plan, sweep, variant, quality),
            None => BTreeMap::new(),
        },
    }
}

/// A variant's frontier of every metric that a target looks at, and of the elapsed time.
fn frontiers(
    plan: &Plan,
    sweep: &SweepAnalysis,
    variant: &SweptVariant,
    quality: &str,
) -> BTreeMap<String, FrontierReport> {
    let mut wanted: BTreeMap<String, Vec<f64>> = BTreeMap::from([("wall".to_owned(), Vec::new())]);
    for target in &plan.targets {
        if let Expectation::At { metric, place, .. } = &target.expectation
            && let Place::Quality {
                parameter,
                metric: of,
                value,
            } = place
            && *parameter == sweep.parameter
            && of == quality
        {
            let places = wanted.entry(metric.clone()).or_default();
            if !places.contains(value) {
                places.push(*value);
            }
        }
    }
    let report = |(metric, places): (String, Vec<f64>)| {
        let known = Frontier::of(variant, &metric, quality);
        let report = match known {
            Err(absent) => FrontierReport::Absent { absent },
            Ok(frontier) => FrontierReport::Known {
                at: places.iter().map(|at| at_quality(&frontier, *at)).collect(),
                points: frontier.points.iter().map(point).collect(),
            },
        };
        (metric, report)
    };
    wanted.into_iter().map(report).collect()
}

fn point(point: &FrontierPoint) -> FrontierPointReport {
    FrontierPointReport {
        parameter: point.parameter,
        quality: point.quality,
        cost: point.cost,
    }
}

fn at_quality(frontier: &Frontier, quality: f64) -> AtQualityReport {
    let (cost, told) = match frontier.at(quality) {
        Ok(at) => {
            let cost = at.cost.median();
            (Some(cost), format::value(at.cost.about.unit, cost))
        }
        Err(why) => (None, why),
    };
    AtQualityReport {
        quality,
        cost,
        told,
    }
}

/// The largest size that a target looks at.
fn furthest(plan: &Plan, swept: &str) -> f64 {
    let places = plan
        .targets
        .iter()
        .filter_map(|target| match &target.expectation {
            Expectation::At {
                place: Place::Size { parameter, value },
                ..
            } if parameter == swept => Some(*value),
            _ => None,
        });
    places.fold(0.0, f64::max)
}

fn fitted(growth: &Growth, unit: Unit, furthest: f64) -> FittedGrowth {
    let exponent = growth.exponent();
    let model = |candidate: &Candidate| ModelReport {
        model: candidate.curve.model.to_string(),
        formula: formula(&candidate.curve, unit, growth.largest()),
        a: candidate.curve.a,
        b: candidate.curve.b,
        k: (candidate.curve.model.shape == Shape::Power).then_some(candidate.curve.k),
        behind: candidate.behind,
        weight: candidate.weight,
        left_out: candidate.left_out,
        equivalent: candidate.equivalent,
    };
    FittedGrowth {
        words: words(growth, unit, &exponent),
        unit,
        models: growth.candidates.iter().map(model).collect(),
        foretells: growth.foretelling().curve.model.to_string(),
        exponent: range(exponent),
        level: GROWTH_LEVEL,
        curve: curve(growth, furthest),
        largest: growth.largest(),
    }
}

fn curve(growth: &Growth, furthest: f64) -> Vec<CurvePoint> {
    let (low, high) = (growth.smallest(), growth.largest());
    let end = furthest.max(high * FURTHER);
    let within = (0..WITHIN).map(|i| low * (high / low).powf(i as f64 / (WITHIN - 1) as f64));
    let beyond = (1..=BEYOND).map(|i| high * (end / high).powf(i as f64 / BEYOND as f64));
    let at = |size| CurvePoint {
        size,
        range: range(growth.at(size)),
    };
    within.chain(beyond).map(at).collect()
}

fn range(range: Range) -> RangeReport {
    RangeReport {
        value: range.value,
        low: range.low,
        high: range.high,
    }
}

/// A growth in words, without the metric's name.
fn words(growth: &Growth, unit: Unit, exponent: &Range) -> String {
    let chosen = growth.chosen();
    let formula = formula(&chosen.curve, unit, growth.largest());
    let interval = format!("{:.2} to {:.2}", exponent.low, exponent.high);
    let mut words = match chosen.curve.model.shape {
        Shape::Constant => format!("does not grow: {formula} (exponent {interval})"),
        Shape::Power => format!("grows as {formula} ({interval})"),
        _ => format!(
            "grows as {formula} (exponent {:.2}, {interval})",
            exponent.value
        ),
    };
    let others = growth.candidates.iter().skip(1).filter(|c| c.equivalent);
    let others: Vec<String> = others
        .map(|candidate| match candidate.curve.model.shape {
            Shape::Power => candidate
                .curve
                .model
                .to_string()
                .replace("^k", &format!("^{:.2}", candidate.curve.k)),
            _ => candidate.curve.model.to_string(),
        })
        .collect();
    if !others.is_empty() {
        words += &format!("; equivalent over this range: {}", others.join(", "));
    }
    let foretells = growth.foretelling().curve.model;
    words += &match foretells == chosen.curve.model {
        true => "; AICc and leave-one-out agree".to_owned(),
        false => format!("; AICc chooses it, leave-one-out {foretells}"),
    };
    words
}

/// A curve with its figures: `812 us + 12 us x n^1.51`. A factor too small to be read is written as
/// what the growing part comes to at the largest size.
fn formula(curve: &Curve, unit: Unit, largest: f64) -> String {
    let print = |figure| format::value(unit, figure);
    let part = match curve.model.shape {
        Shape::Constant => return print(curve.a),
        Shape::Logarithmic => "log n".to_owned(),
        Shape::Linear => "n".to_owned(),
        Shape::Linearithmic => "n log n".to_owned(),
        Shape::Power => format!("n^{:.2}", curve.k),
    };
    let legible = match unit {
        Unit::Seconds => curve.b >= 1e-9,
        Unit::Bytes | Unit::BytesPerSecond | Unit::PerSecond => curve.b >= 1.0,
        Unit::Count | Unit::Share | Unit::Ratio => curve.b >= 0.01,
    };
    let growing = if legible {
        format!("{} x {part}", print(curve.b))
    } else {
        let there = curve.at(largest) - curve.a;
        let size = format::count(largest);
        match curve.model.shape {
            Shape::Power => format!("{} x (n / {size})^{:.2}", print(there), curve.k),
            Shape::Linear => format!("{} x n / {size}", print(there)),
            _ => format!("{} at {size}, growing as {part}", print(there)),
        }
    };
    match curve.model.intercept {
        true => format!("{} + {growing}", print(curve.a)),
        false => growing,
    }
}

impl SweepReport {
    /// The metrics whose growth is told: time first, then memory, then what targets named.
    pub(crate) fn grown(&self) -> Vec<&str> {
        let mut metrics: Vec<&str> = Vec::new();
        for name in self
            .variants
            .iter()
            .flat_map(|variant| variant.growth.keys())
        {
            if !metrics.contains(&name.as_str()) {
                metrics.push(name);
            }
        }
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
        let mut costs: Vec<&str> = Vec::new();
        for name in self
            .variants
            .iter()
            .flat_map(|variant| variant.frontiers.keys())
        {
            if !costs.contains(&name.as_str()) {
                costs.push(name);
            }
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn grown(points: &[(f64, f64)], unit: Unit) -> FittedGrowth {
        fitted(&Growth::fit(points.to_vec()).unwrap(), unit, 0.0)
    }

    fn over(f: impl Fn(f64) -> f64) -> Vec<(f64, f64)> {
        let sizes = [100.0, 200.0, 400.0, 800.0, 1600.0, 3200.0, 6400.0, 12800.0];
        // Less than a part in a thousand off, so that no fit is perfect.
        let off = [1.0, 0.9995, 1.0004, 1.0002, 0.9997, 1.0003, 0.9999, 1.0001];
        sizes
            .iter()
            .zip(off)
            .map(|(n, off)| (*n, f(*n) * off))
            .collect()
    }

    #[test]
    fn growth_in_words() {
        let power = grown(&over(|n| 8e-4 + 12e-6 * n.powf(1.5)), Unit::Seconds);
        let chosen = "us + 12.0 us x n^1.50 (1.50 to 1.50); AICc and leave-one-out agree";
        assert!(power.words.starts_with("grows as "), "{}", power.words);
        assert!(power.words.ends_with(chosen), "{}", power.words);
        let constant = grown(&over(|_| 3.2e6), Unit::Bytes);
        assert!(
            constant.words.starts_with("does not grow: 3.05 MiB"),
            "{}",
            constant.words
        );
        let linear = grown(&over(|n| 2e6 + 24.0 * n), Unit::Bytes);
        assert!(
            linear
                .words
                .starts_with("grows as 1.91 MiB + 24 B x n (exponent 1.00, "),
            "{}",
            linear.words
        );
    }

    #[test]
    fn a_factor_too_small_to_read_is_told_at_the_largest_size() {
        let small = grown(&over(|n| 1e-12 * n * n), Unit::Seconds);
        assert!(
            small
                .words
                .starts_with("grows as 164 us x (n / 12,800)^2.00"),
            "{}",
            small.words
        );
    }

    #[test]
    fn the_curve_goes_on_beyond_the_largest_size() {
        let growth = Growth::fit(over(|n| n)).unwrap();
        let near = curve(&growth, 0.0);
        assert_eq!(near.last().map(|point| point.size), Some(25_600.0));
        let far = curve(&growth, 1e5);
        assert!((far.last().unwrap().size / 1e5 - 1.0).abs() < 1e-9);
        assert!(far.windows(2).all(|pair| pair[0].size < pair[1].size));
    }
}
