//! The machine that the figures were measured on.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How memory caps are enforced on a machine, the strongest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum CapsKind {
    /// cgroup v2 leaf with its own `memory.events`.
    CgroupV2,
    /// cgroup v1 memory controller.
    CgroupV1,
    /// The supervisor kills when the sampled tree passes the cap.
    Sampled,
}

/// The machine, as far as it bears on the figures.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Machine {
    /// Processor model.
    pub cpu: String,
    /// Logical processors that the session may use.
    pub cores: u32,
    /// Bytes of memory.
    pub memory: u64,
    /// Bytes of memory available when the session began.
    pub available: u64,
    /// Bytes of swap.
    pub swap: u64,
    /// Kernel release.
    pub kernel: String,
    /// Distribution.
    pub os: String,
    /// Architecture.
    pub arch: String,
    /// Frequency governor, where it can be read.
    pub governor: Option<String>,
    /// Load average over one minute when the session began.
    pub load: f64,
    /// How caps are enforced.
    pub caps: CapsKind,
    /// Bytes of a page.
    pub page_size: u64,
    /// The harness's version.
    pub plimsoll: String,
    /// True where the harness is a debug build, whose figures are not comparable.
    pub debug_build: bool,
    /// A hash of what identifies the machine, for comparing results.
    pub fingerprint: String,
}
