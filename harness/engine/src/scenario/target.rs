//! Targets: written expectations.

use std::collections::BTreeMap;

use plimsoll_workload::Unit;

use crate::evidence::{Aggregate, Outcome};

use super::Place;

/// A written expectation.
#[derive(Debug, Clone, PartialEq)]
pub struct Target {
    /// What is expected.
    pub expectation: Expectation,
    /// The variants it binds, resolved; never empty.
    pub variants: Vec<String>,
    /// The sizes it applies at; empty means all.
    pub sizes: Vec<String>,
    /// A memory cap in bytes under which it is to hold; the variants are then run once more under it.
    pub under: Option<u64>,
    /// Whether the exit code depends on it; otherwise it is judged and shown for information.
    pub gate: bool,
    /// The target in words, as verdicts print it: `peak_rss of depth-first <= 48 MiB`.
    pub label: String,
    /// Line in the scenario file, from 1.
    pub line: u64,
}

/// The metric that is searched for under caps of its own, and not read from any one trial.
pub const FLOOR: &str = "floor";

/// What a target expects.
#[derive(Debug, Clone, PartialEq)]
pub enum Expectation {
    /// A metric within bounds.
    Metric {
        /// The metric's name.
        metric: String,
        /// Upper bound.
        at_most: Option<Bound>,
        /// Lower bound.
        at_least: Option<Bound>,
        /// How trials are aggregated for absolute bounds; the metric's own way where absent.
        aggregate: Option<Aggregate>,
    },
    /// A metric within bounds at a place of a sweep.
    At {
        /// The metric's name.
        metric: String,
        /// Where.
        place: Place,
        /// Upper bound.
        at_most: Option<Bound>,
        /// Lower bound.
        at_least: Option<Bound>,
    },
    /// The exponent with which a metric grows over a swept size, within bounds.
    Growth {
        /// The metric's name.
        metric: String,
        /// The swept parameter.
        parameter: String,
        /// The exponent is at most this.
        at_most: Option<f64>,
        /// The exponent is at least this.
        at_least: Option<f64>,
    },
    /// The same digest from every completed trial of every bound variant.
    Identical {
        /// The digest's name; every common digest where absent.
        digest: Option<String>,
    },
    /// Metrics or digests equal to known values.
    Equals {
        /// Name and value.
        values: BTreeMap<String, serde_json::Value>,
    },
    /// Ends in this way.
    Outcome {
        /// The expected outcome.
        outcome: Outcome,
    },
}

/// One side of a metric's bounds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Bound {
    /// A value in the base unit (bytes, seconds, 1).
    Absolute {
        /// The value.
        value: f64,
        /// The unit it was written in; must be that of the metric.
        unit: Unit,
    },
    /// A multiple of the baseline's: `1.20 x baseline`.
    Baseline(f64),
}

impl Bound {
    /// Whether it takes the baseline's figure to tell what it is.
    pub(crate) fn is_relative(&self) -> bool {
        matches!(self, Bound::Baseline(_))
    }
}
