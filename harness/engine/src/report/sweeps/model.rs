//! What `result.json` says of sweeps.

use std::collections::BTreeMap;

use plimsoll_workload::Unit;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::evidence::Outcome;
use crate::report::Metric;

/// A parameter that was swept, besides the ordinary rounds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SweepReport {
    /// The parameter.
    pub parameter: String,
    /// The metric that tells the quality, where the parameter trades that for cost; otherwise the
    /// parameter is the size of the task.
    pub quality: Option<String>,
    /// The variants that were swept.
    pub variants: Vec<SweptReport>,
}

/// A variant over a sweep.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SweptReport {
    /// Its id.
    pub id: String,
    /// Its points, the parameter ascending.
    pub points: Vec<PointReport>,
    /// How metrics grow with the parameter; empty where it is no size.
    pub growth: BTreeMap<String, GrowthReport>,
    /// What each quality costs, by the metric that is the cost; empty where the parameter is a size.
    #[serde(default)]
    pub frontiers: BTreeMap<String, FrontierReport>,
}

/// A variant at one value of the parameter.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PointReport {
    /// The value.
    pub value: f64,
    /// The worst outcome there.
    pub outcome: Outcome,
    /// That trial's diagnosis.
    pub diagnosis: String,
    /// Metrics there.
    pub metrics: BTreeMap<String, Metric>,
}

/// How a metric grows, or why that cannot be told.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum GrowthReport {
    /// Fitted.
    Fitted(Box<FittedGrowth>),
    /// Could not be told.
    Absent {
        /// Why.
        absent: String,
    },
}

/// A fitted growth.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FittedGrowth {
    /// In words: `grows as 812 us + 12 us x n^1.51 (1.44 to 1.58)`.
    pub words: String,
    /// The metric's unit, that of `a`, `b` and the curve.
    pub unit: Unit,
    /// The candidates, the chosen one first.
    pub models: Vec<ModelReport>,
    /// The model that predicts sizes left out best.
    pub foretells: String,
    /// The exponent of the growing part at the largest size.
    pub exponent: RangeReport,
    /// Confidence level of all intervals.
    pub level: f64,
    /// The fit and its band, from the smallest size on, beyond the largest too.
    pub curve: Vec<CurvePoint>,
    /// The largest size that was run: what is beyond it is extrapolated.
    pub largest: f64,
}

/// A candidate `a + b g(n)`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ModelReport {
    /// Its formula: `a + b n^k`.
    pub model: String,
    /// With its own figures: `812 us + 12 us x n^1.51`.
    pub formula: String,
    /// The constant part.
    pub a: f64,
    /// The factor of the growing part.
    pub b: f64,
    /// The exponent of a power.
    pub k: Option<f64>,
    /// AICc less that of the best.
    pub behind: f64,
    /// Its Akaike weight.
    pub weight: f64,
    /// Root mean square error of predicting each size from the others, as a share.
    pub left_out: f64,
    /// Whether nothing in this range tells it from the chosen one.
    pub equivalent: bool,
}

/// An estimate and its interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RangeReport {
    /// The estimate.
    pub value: f64,
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// A point of a fitted curve.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CurvePoint {
    /// The size.
    pub size: f64,
    /// What the metric comes to, averaged over the equivalent models.
    #[serde(flatten)]
    pub range: RangeReport,
}

/// What each quality costs, or why that cannot be told.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum FrontierReport {
    /// The points that no other beats, and what lies between them.
    Known {
        /// The points, the quality getting better.
        points: Vec<FrontierPointReport>,
        /// What it comes to where targets look.
        at: Vec<AtQualityReport>,
    },
    /// There is none.
    Absent {
        /// Why.
        absent: String,
    },
}

/// A point of a frontier.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FrontierPointReport {
    /// The parameter's value.
    pub parameter: f64,
    /// The median quality.
    pub quality: f64,
    /// The median cost.
    pub cost: f64,
}

/// What a quality costs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AtQualityReport {
    /// The quality.
    pub quality: f64,
    /// The median cost there; absent where it lies outside of the frontier.
    pub cost: Option<f64>,
    /// The variant's words for it: `1.24 k/s`, or why there is none.
    pub told: String,
}
