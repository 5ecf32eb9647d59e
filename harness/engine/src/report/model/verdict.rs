//! The verdicts on targets.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A target held against the evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Held.
    Pass,
    /// Did not hold.
    Fail,
    /// The evidence does not decide.
    Inconclusive,
    /// Could not be measured.
    Absent,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Verdict::Pass => "pass",
            Verdict::Fail => "fail",
            Verdict::Inconclusive => "inconclusive",
            Verdict::Absent => "absent",
        })
    }
}

/// One target's verdict.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct VerdictReport {
    /// The target in words.
    pub target: String,
    /// The verdict.
    pub verdict: Verdict,
    /// The figures it rests on.
    pub evidence: String,
    /// Why it is inconclusive or absent, and what would help.
    pub reason: Option<String>,
    /// Line in the scenario file.
    pub line: u64,
    /// The metric it binds, where it binds one.
    pub metric: Option<String>,
    /// The variants it binds.
    pub variants: Vec<String>,
    /// Whether the exit code depends on it; otherwise it is there for information.
    #[serde(default = "gating")]
    pub gate: bool,
    /// An absolute upper bound in the metric's base unit, for drawing it as a line.
    pub bound: Option<f64>,
}

/// What a target is where a result does not say: those of earlier versions all were.
fn gating() -> bool {
    true
}
