//! The result of a scenario at one size, and its trials.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{VariantReport, VerdictReport};
use crate::evidence::{Machine, TrialHead};
use crate::report::{Comparison, SweepReport};

/// Version of the result contract. It grows without breaking; a breaking change raises it.
pub const SCHEMA_VERSION: u32 = 1;

/// The result of a scenario at one size.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Report {
    /// [`SCHEMA_VERSION`].
    pub schema_version: u32,
    /// The scenario's name.
    pub scenario: String,
    /// The scenario's one line.
    pub about: String,
    /// The size that was run.
    pub size: String,
    /// What part of the scenario was run, where it was not the whole: `floor`.
    #[serde(default)]
    pub part: Option<String>,
    /// `blake3:` of the scenario's text.
    pub scenario_digest: String,
    /// The scenario's text.
    pub scenario_text: String,
    /// When the session began, RFC 3339 in UTC.
    pub started: String,
    /// Seconds that the session took.
    pub elapsed: f64,
    /// How to run it again.
    pub command: String,
    /// The machine.
    pub machine: Machine,
    /// The memory cap of every trial in bytes, where the scenario sets one.
    pub memory_cap: Option<u64>,
    /// The size at which instructions were counted, where they were to be.
    #[serde(default)]
    pub instructions_at: Option<String>,
    /// The largest resident size in bytes that the fork server had when it forked a trial: what the kernel's peak of a
    /// smaller program says instead of that program's own.
    #[serde(default)]
    pub resolution: Option<u64>,
    /// Seed of the order of trials.
    pub seed: u64,
    /// Whether the session was cut short by the user.
    pub interrupted: bool,
    /// What a reader must know before believing the figures, the gravest first.
    pub warnings: Vec<String>,
    /// How intervals were made, in words.
    pub method: String,
    /// The variants, in the scenario's order.
    pub variants: Vec<VariantReport>,
    /// What was swept besides the ordinary rounds.
    #[serde(default)]
    pub sweeps: Vec<SweepReport>,
    /// One verdict per target, in the scenario's order.
    pub verdicts: Vec<VerdictReport>,
    /// Against a saved baseline, where the session was held against one.
    #[serde(default)]
    pub comparison: Option<Comparison>,
    /// Every trial in the order in which it ran.
    pub trials: Vec<TrialSummary>,
    /// The exit code that the verdicts amount to.
    pub exit_code: u8,
}

/// One trial in short.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TrialSummary {
    /// What it was and how it ended.
    #[serde(flatten)]
    pub head: TrialHead,
    /// Elapsed seconds, all steps.
    pub wall: f64,
    /// CPU seconds, all steps.
    pub cpu: f64,
    /// Peak resident bytes of the largest process.
    pub peak_rss: u64,
    /// Every metric that this trial yielded, by name, in base units.
    #[serde(default)]
    pub metrics: BTreeMap<String, f64>,
}
