//! Units and directions of metrics.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a metric's number counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Bytes.
    Bytes,
    /// Seconds.
    Seconds,
    /// A count of things.
    Count,
    /// A share between 0 and 1.
    Share,
    /// A dimensionless ratio.
    Ratio,
    /// Things per second.
    PerSecond,
    /// Bytes per second.
    BytesPerSecond,
}

/// Which direction of a metric is the good one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Better {
    /// Less is better.
    Lower,
    /// More is better.
    Higher,
    /// Neither: a fact, not a merit.
    Neither,
}
