//! What results say of sweeps, from what was found.

use std::collections::BTreeMap;

use super::frontier::frontiers;
use super::growth::growths;
use super::{PointReport, SweepReport, SweptReport};
use crate::analyze::{Analysis, SweepAnalysis, SweptVariant};
use crate::plan::Plan;
use crate::report::Metric;

/// What results say of the sweeps.
pub(in crate::report) fn sweeps(plan: &Plan, analysis: &Analysis) -> Vec<SweepReport> {
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
    SweptReport {
        id: variant.id.clone(),
        points: points.collect(),
        growth: growths(plan, sweep, variant),
        frontiers: match &sweep.quality {
            Some(quality) => frontiers(plan, sweep, variant, quality),
            None => BTreeMap::new(),
        },
    }
}
