//! What each quality costs: of the points of a sweep those that no other beats, and what lies
//! between two of them.

use std::collections::BTreeMap;

use plimsoll_workload::Better;

use super::series::{Reading, Series};
use super::sweep::{SweptPoint, SweptVariant};

/// A point that no other beats in both quality and cost.
#[derive(Debug, Clone, PartialEq)]
pub struct FrontierPoint {
    /// The parameter's value.
    pub parameter: f64,
    /// The median quality there.
    pub quality: f64,
    /// The median cost there.
    pub cost: f64,
    /// Cost by round.
    rounds: BTreeMap<u32, Reading>,
}

/// A variant's frontier of one metric against the quality: the better the one, the worse the other
/// (V. Pareto 1906). The quality gets better from point to point.
#[derive(Debug, Clone, PartialEq)]
pub struct Frontier {
    /// Its points, at least one.
    pub points: Vec<FrontierPoint>,
    cost: Series,
}

impl Frontier {
    /// The frontier of `metric`, the cost, against `quality`, by the medians of the runs.
    ///
    /// # Errors
    /// Why there is none: a metric that is nowhere known, or a cost of 0 or less, which has no
    /// logarithm to interpolate on.
    pub fn of(variant: &SweptVariant, metric: &str, quality: &str) -> Result<Frontier, String> {
        let told = |point: &SweptPoint, name: &str| match point.metrics.get(name) {
            Some(Ok(series)) => Ok(series.clone()),
            Some(Err(why)) => Err(why.clone()),
            None => Err(format!("the sweep knows no {name}")),
        };
        let mut known = Vec::new();
        let mut missing = None;
        for point in &variant.points {
            match (told(point, metric), told(point, quality)) {
                (Ok(cost), Ok(quality)) => known.push((point.value, cost, quality)),
                (Err(why), _) | (_, Err(why)) => {
                    missing.get_or_insert(why);
                }
            }
        }
        let Some((_, cost, good)) = known.first() else {
            return Err(missing.unwrap_or_else(|| "nothing was run".to_owned()));
        };
        let (cost, good) = (cost.clone(), direction(good.about.better));
        let dear = -direction(cost.about.better);
        let mut points: Vec<FrontierPoint> = known
            .iter()
            .map(|(parameter, cost, quality)| FrontierPoint {
                parameter: *parameter,
                quality: quality.median(),
                cost: cost.median(),
                rounds: cost
                    .readings
                    .iter()
                    .filter_map(|reading| Some((reading.round?, *reading)))
                    .collect(),
            })
            .collect();
        if let Some(point) = points.iter().find(|point| point.cost <= 0.0) {
            return Err(format!("{metric} is {} at {}", point.cost, point.parameter));
        }
        // The best quality first, and of equals the cheaper one: then each that is cheaper than all
        // before it is on the frontier.
        points.sort_by(|a, b| {
            let quality = (b.quality * good).total_cmp(&(a.quality * good));
            quality.then((a.cost * dear).total_cmp(&(b.cost * dear)))
        });
        let mut cheapest = f64::INFINITY;
        points.retain(|point| {
            let cheaper = point.cost * dear < cheapest;
            cheapest = cheapest.min(point.cost * dear);
            cheaper
        });
        points.reverse();
        Ok(Frontier { points, cost })
    }

    /// What a quality costs in each round: linear in the quality and the logarithm of the cost,
    /// between the two points around it. Nothing is extrapolated.
    ///
    /// # Errors
    /// The quality is not between two points of the frontier, or no round has both of them.
    pub fn at(&self, quality: f64) -> Result<AtQuality, String> {
        let ends = self.points.first().zip(self.points.last());
        let Some((first, last)) = ends else {
            return Err("the frontier has no point".to_owned());
        };
        let (from, to) = self.around(quality).ok_or_else(|| {
            // Four digits after the point: medians of shares have more than anybody reads.
            let [low, high] = [first, last].map(|end| (1e4 * end.quality).round() / 1e4);
            format!(
                "it lies outside of the frontier, which goes from {low} (at {}) to {high} (at {}), \
                 and nothing is extrapolated: sweep further",
                first.parameter, last.parameter
            )
        })?;
        let span = to.quality - from.quality;
        let share = if span == 0.0 {
            0.0
        } else {
            (quality - from.quality) / span
        };
        let between = |a: f64, b: f64| ((1.0 - share) * a.ln() + share * b.ln()).exp();
        let readings = from.rounds.iter().filter_map(|(round, a)| {
            let b = to.rounds.get(round)?;
            Some(Reading {
                round: Some(*round),
                value: between(a.value, b.value),
                ..*a
            })
        });
        let readings: Vec<Reading> = readings.filter(|r| r.value > 0.0).collect();
        if readings.is_empty() {
            return Err("no round has both points around it".to_owned());
        }
        Ok(AtQuality {
            between: (from.parameter, to.parameter),
            cost: Series {
                about: self.cost.about.clone(),
                readings,
            },
        })
    }

    /// The two points around a quality; the same twice where it is one's own.
    fn around(&self, quality: f64) -> Option<(&FrontierPoint, &FrontierPoint)> {
        if let Some(same) = self.points.iter().find(|point| point.quality == quality) {
            return Some((same, same));
        }
        let mut pairs = self.points.windows(2);
        let pair = pairs.find(|pair| {
            let (a, b) = (pair[0].quality, pair[1].quality);
            a.min(b) < quality && quality < a.max(b)
        })?;
        Some((&pair[0], &pair[1]))
    }
}

/// What a quality costs.
#[derive(Debug, Clone, PartialEq)]
pub struct AtQuality {
    /// The parameter's values at the points around it.
    pub between: (f64, f64),
    /// The cost, one reading a round.
    pub cost: Series,
}

/// 1 where more is better, -1 where less is; more where nobody says.
fn direction(better: Better) -> f64 {
    match better {
        Better::Lower => -1.0,
        Better::Higher | Better::Neither => 1.0,
    }
}

#[cfg(test)]
mod tests {
    use plimsoll_workload::Unit;

    use super::*;
    use crate::analyze::series::{Descriptor, Quality};
    use crate::evidence::{Aggregate, Outcome};

    fn series(unit: Unit, better: Better, values: &[f64]) -> Series {
        let about = Descriptor {
            unit,
            better,
            source: "workload".to_owned(),
            aggregate: Aggregate::Median,
        };
        let reading = |(round, value): (u32, &f64)| Reading {
            trial: round,
            round: Some(round),
            value: *value,
            quality: Quality::Exact,
        };
        let readings = (0..).zip(values).map(reading).collect();
        Series { about, readings }
    }

    /// Points of parameter, recall and rate; two rounds, the second a tenth faster.
    fn variant(points: &[(f64, f64, f64)]) -> SweptVariant {
        let point = |(value, recall, rate): &(f64, f64, f64)| SweptPoint {
            value: *value,
            outcome: Outcome::Completed,
            diagnosis: String::new(),
            metrics: BTreeMap::from([
                (
                    "recall".to_owned(),
                    Ok(series(Unit::Share, Better::Higher, &[*recall, *recall])),
                ),
                (
                    "qps".to_owned(),
                    Ok(series(
                        Unit::PerSecond,
                        Better::Higher,
                        &[*rate, rate * 1.1],
                    )),
                ),
                (
                    "wall".to_owned(),
                    Ok(series(
                        Unit::Seconds,
                        Better::Lower,
                        &[1.0 / rate, 1.0 / rate],
                    )),
                ),
            ]),
        };
        SweptVariant {
            id: "x".to_owned(),
            points: points.iter().map(point).collect(),
            growth: BTreeMap::new(),
        }
    }

    #[test]
    fn only_points_that_none_beats_are_on_it() {
        let variant = variant(&[
            (8.0, 0.80, 1000.0),
            // Beaten by the next in both.
            (12.0, 0.85, 300.0),
            (16.0, 0.90, 500.0),
            // As good as the last, and slower.
            (24.0, 0.99, 90.0),
            (32.0, 0.99, 100.0),
        ]);
        for metric in ["qps", "wall"] {
            let frontier = Frontier::of(&variant, metric, "recall").unwrap();
            let kept: Vec<f64> = frontier.points.iter().map(|p| p.parameter).collect();
            assert_eq!(kept, [8.0, 16.0, 32.0], "{metric}");
        }
    }

    #[test]
    fn between_two_points_the_logarithm_of_the_cost_is_linear_in_the_quality() {
        let variant = variant(&[(8.0, 0.80, 1000.0), (16.0, 0.90, 10.0)]);
        let frontier = Frontier::of(&variant, "qps", "recall").unwrap();
        let middle = frontier.at(0.85).unwrap();
        assert_eq!(middle.between, (8.0, 16.0));
        let values = middle.cost.values();
        assert!((values[0] - 100.0).abs() < 1e-6, "{values:?}");
        assert!((values[1] - 110.0).abs() < 1e-6, "{values:?}");
        let own = frontier.at(0.90).unwrap();
        assert!((own.cost.values()[0] - 10.0).abs() < 1e-9);
    }

    #[test]
    fn nothing_is_extrapolated() {
        let variant = variant(&[(8.0, 0.80, 1000.0), (16.0, 0.90, 10.0)]);
        let frontier = Frontier::of(&variant, "qps", "recall").unwrap();
        for outside in [0.79, 0.91] {
            let why = frontier.at(outside).unwrap_err();
            assert!(why.contains("from 0.8 (at 8) to 0.9 (at 16)"), "{why}");
        }
    }

    #[test]
    fn what_is_not_known_has_no_frontier() {
        let variant = variant(&[(8.0, 0.80, 0.0)]);
        assert_eq!(
            Frontier::of(&variant, "qps", "recall").unwrap_err(),
            "qps is 0 at 8"
        );
        assert!(Frontier::of(&variant, "cpu", "recall").is_err());
    }
}
