//! What a measured program said about itself through its events.

use plimsoll_workload::{Better, Unit};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A phase: a named, exclusive, process-wide part of a step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PhaseSpan {
    /// Its name.
    pub name: String,
    /// Seconds after the step's start.
    pub begin: f64,
    /// Seconds after the step's start; absent when the program died inside it.
    pub end: Option<f64>,
    /// Exact resident peak of the phase in bytes, where phase peaks were asked for.
    pub peak_rss: Option<u64>,
}

/// A metric that the program reported.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ReportedMetric {
    /// Its name.
    pub name: String,
    /// What it counts.
    pub unit: Unit,
    /// Which direction is good.
    pub better: Better,
    /// The value.
    pub value: f64,
}

/// A distribution that the program reported, in its unit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ReportedHistogram {
    /// Its name.
    pub name: String,
    /// What its values count.
    pub unit: Unit,
    /// Recorded values.
    pub count: u64,
    /// Smallest value.
    pub min: f64,
    /// Largest value.
    pub max: f64,
    /// Arithmetic mean.
    pub mean: f64,
    /// Quantiles as (q, value), q ascending.
    pub quantiles: Vec<(f64, f64)>,
}
