//! What is known about a workload before anything is run: its own description.

use std::path::PathBuf;

use plimsoll_workload::Unit;
use serde_json::Value;

use super::{Params, WorkloadRef};

/// An implementation that a workload offers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImplementationInfo {
    /// The name that scenarios use.
    pub id: String,
    /// One line for lists.
    pub about: String,
    /// The processes of one run, in order; empty means one without a name.
    pub steps: Vec<String>,
}

/// What a workload says about itself.
#[derive(Debug, Clone, PartialEq)]
pub struct WorkloadInfo {
    /// The program that offers it, resolved.
    pub program: PathBuf,
    /// Arguments before the protocol's verb.
    pub args: Vec<String>,
    /// Its name within the program.
    pub name: String,
    /// Version of its input generator.
    pub generator: u32,
    /// Every implementation, the baseline first.
    pub implementations: Vec<ImplementationInfo>,
    /// JSON Schema of its parameters.
    pub params_schema: Value,
    /// Every parameter's default.
    pub defaults: Params,
    /// The metrics it reports, with their units; absent where it lists none, and then any may come.
    pub metrics: Option<Vec<(String, Unit)>>,
    /// The digests it reports; absent where it lists none, and then any may come.
    pub digests: Option<Vec<String>>,
    /// File name extension of its output, without the dot; empty for none.
    pub output: String,
    /// Whether it proves the output of each run by the verb `verify`.
    pub verifies: bool,
}

impl WorkloadInfo {
    /// Looks an implementation up.
    pub fn implementation(&self, id: &str) -> Option<&ImplementationInfo> {
        self.implementations.iter().find(|offered| offered.id == id)
    }
}

/// Knows workloads. The engine asks programs; tests know what they need.
pub trait Workloads {
    /// Names of the workloads that are built in.
    fn builtin(&self) -> Vec<String>;

    /// Describes a workload.
    ///
    /// # Errors
    ///
    /// Why not, in words for the user: no such program, no such workload, an answer that is none.
    fn describe(&self, workload: &WorkloadRef) -> Result<WorkloadInfo, String>;
}
