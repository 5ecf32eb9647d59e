//! What each quality of a sweep costs.

use std::collections::BTreeMap;

use super::{AtQualityReport, FrontierPointReport, FrontierReport};
use crate::analyze::{Frontier, FrontierPoint, SweepAnalysis, SweptVariant};
use crate::plan::Plan;
use crate::report::format;
use crate::scenario::{Expectation, Place};

/// A variant's frontier of every metric that a target looks at, and of the elapsed time.
pub(super) fn frontiers(
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
