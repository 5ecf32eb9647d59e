//! Sweeps at one size: the points, and every swept variant's parameters at each.

use serde_json::{Number, Value};

use crate::evidence::{Instrument, SweepPoint};
use crate::scenario::{Params, Place, Size, Sweep, Variant};

/// A sweep at one size. Its trials are no part of the ordinary rounds and of no ordinary figure.
#[derive(Debug, Clone, PartialEq)]
pub struct PlannedSweep {
    /// The parameter.
    pub parameter: String,
    /// The metric that tells the quality; absent where the parameter is the size of the task.
    pub quality: Option<String>,
    /// How often each point is run.
    pub runs: u32,
    /// The points in ascending order of their values.
    pub points: Vec<PlannedPoint>,
    /// Instruments besides `clock` that metrics of targets need: one trial of each at each point.
    pub instruments: Vec<Instrument>,
}

/// One value of a swept parameter.
#[derive(Debug, Clone, PartialEq)]
pub struct PlannedPoint {
    /// The value.
    pub value: f64,
    /// Effective parameters by the variant's index in the plan; absent for those not swept.
    pub params: Vec<Option<Params>>,
}

/// A point of a plan: which sweep, and which of its points.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct PointIndex {
    /// Index into [`Plan::sweeps`](super::Plan::sweeps).
    pub sweep: usize,
    /// Index into [`PlannedSweep::points`].
    pub point: usize,
}

impl PlannedSweep {
    /// The same as evidence names it.
    pub(crate) fn named(&self, point: usize) -> SweepPoint {
        SweepPoint {
            parameter: self.parameter.clone(),
            value: self.points.get(point).map_or(f64::NAN, |point| point.value),
        }
    }

    /// Whether a target's place is on this sweep.
    pub(crate) fn has(&self, place: &Place) -> bool {
        self.parameter == place.parameter()
            && match place {
                Place::Size { .. } => self.quality.is_none(),
                Place::Quality { metric, .. } => self.quality.as_ref() == Some(metric),
            }
    }
}

/// A sweep for the variants that are run; nothing where none of them is swept.
///
/// `params` gives a variant's effective parameters; the swept one comes over them.
pub(super) fn planned(
    sweep: &Sweep,
    size: &Size,
    variants: &[&Variant],
    runs: u32,
    params: impl Fn(usize) -> Params,
) -> Option<PlannedSweep> {
    let swept = |index: usize| sweep.variants.contains(&variants[index].id);
    if !sweep.sizes.contains(&size.name) || !(0..variants.len()).any(swept) {
        return None;
    }
    let at = |value: &Number| PlannedPoint {
        value: value.as_f64().unwrap_or(f64::NAN),
        params: (0..variants.len())
            .map(|index| {
                swept(index).then(|| {
                    let mut params = params(index);
                    params.insert(sweep.parameter.clone(), Value::Number(value.clone()));
                    params
                })
            })
            .collect(),
    };
    Some(PlannedSweep {
        parameter: sweep.parameter.clone(),
        quality: sweep.quality.clone(),
        runs,
        points: sweep.values.iter().map(at).collect(),
        instruments: Vec::new(),
    })
}
