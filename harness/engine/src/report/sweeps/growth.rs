//! Every growth in words, and as a curve to draw.

use std::collections::BTreeMap;

use plimsoll_workload::Unit;

use super::{CurvePoint, FittedGrowth, GrowthReport, ModelReport, RangeReport};
use crate::analyze::{
    Candidate, Curve, GROWTH_LEVEL, Growth, Range, Shape, SweepAnalysis, SweptVariant,
};
use crate::plan::Plan;
use crate::report::format;
use crate::scenario::{Expectation, Place};

/// Points of a curve within the sizes that were run, and beyond.
const WITHIN: usize = 15;
const BEYOND: usize = 5;
/// How far a curve is drawn beyond the largest size where no target asks for more.
const FURTHER: f64 = 2.0;

/// How a variant's metrics grow.
pub(super) fn growths(
    plan: &Plan,
    sweep: &SweepAnalysis,
    variant: &SweptVariant,
) -> BTreeMap<String, GrowthReport> {
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
    growth.collect()
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
