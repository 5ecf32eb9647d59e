//! What `describe` and `key` print.

use serde::{Deserialize, Serialize};

use crate::{Better, Unit};

/// Version of the protocol.
pub const PROTOCOL: u32 = 1;

/// What `describe` prints.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Description {
    /// [`PROTOCOL`] of the program.
    pub protocol: u32,
    /// What it offers.
    pub workloads: Vec<WorkloadDescription>,
}

/// One workload of a program.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WorkloadDescription {
    /// The name scenarios use.
    pub name: String,
    /// Version of the input generator.
    pub generator: u32,
    /// Its implementations, the baseline first.
    pub implementations: Vec<ImplementationDescription>,
    /// JSON Schema of the parameters.
    pub schema: serde_json::Value,
    /// The parameters with every default; null where a parameter has none.
    #[serde(default)]
    pub defaults: serde_json::Value,
    /// Metrics that it may report; empty where it does not say, and then any name may come.
    #[serde(default)]
    pub metrics: Vec<MetricDescription>,
    /// Digests that it may report; empty where it does not say.
    #[serde(default)]
    pub digests: Vec<String>,
    /// File name extension of its output, without the dot; empty for none.
    #[serde(default)]
    pub output: String,
    /// Whether it offers the verb `verify`.
    #[serde(default)]
    pub verifies: bool,
}

/// One implementation of a workload.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImplementationDescription {
    /// The name scenarios use.
    pub id: String,
    /// One line for lists.
    #[serde(default)]
    pub about: String,
    /// The processes of one run, in order; empty means a single unnamed step.
    #[serde(default)]
    pub steps: Vec<String>,
}

/// One metric of a workload.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MetricDescription {
    /// Its name.
    pub name: String,
    /// What the number counts.
    pub unit: Unit,
    /// Which direction is good.
    pub better: Better,
    /// One line for lists.
    #[serde(default)]
    pub about: String,
}

/// What `key` prints for a workload and parameters that are right.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Key {
    /// The parameters, completed with defaults.
    pub params: serde_json::Value,
    /// The part of them that the inputs depend on.
    pub input_key: serde_json::Value,
}
