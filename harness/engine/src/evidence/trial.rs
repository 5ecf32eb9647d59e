//! One run of one variant under one instrument.

use std::collections::BTreeMap;
use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{HeapProfile, Outcome, Step};

/// What a trial measures with.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Instrument {
    /// The kernel's accounting and outside sampling, nothing else. The only timed one.
    Clock,
    /// Allocations counted at the malloc layer, and the reconciliation.
    Count,
    /// A heap profile from sampled allocations, at the size that is run.
    Profile,
    /// A heap profile by dhat.
    Dhat,
    /// Instructions executed, counted by the processor or by valgrind. Not timed.
    Instructions,
}

impl Instrument {
    /// Its name in plans, results and reports.
    pub fn name(self) -> &'static str {
        match self {
            Instrument::Clock => "clock",
            Instrument::Count => "count",
            Instrument::Profile => "profile",
            Instrument::Dhat => "dhat",
            Instrument::Instructions => "instructions",
        }
    }
}

/// What a trial is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Run first and left out of every figure.
    Warmup,
    /// Counts.
    Measured,
    /// The baseline's second run in an A/A pair, for the noise floor.
    Control,
    /// Run under a target's own limits; counts for that target only.
    Capped,
    /// Run in search of the smallest cap under which the variant completes; counts for that only.
    Floor,
    /// Run at a point of a sweep; counts for the sweep only.
    Sweep,
}

impl Role {
    /// Whether the trial runs under a memory cap of its own, and says nothing about the variant
    /// without it.
    pub fn has_own_cap(self) -> bool {
        matches!(self, Role::Capped | Role::Floor)
    }
}

/// A point of a sweep.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SweepPoint {
    /// The parameter that is swept.
    pub parameter: String,
    /// Its value.
    pub value: f64,
}

/// A trial's place in the order of pairs.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
pub struct Block {
    /// The round: every variant runs once in it, in random order.
    pub round: u32,
    /// Position within the round.
    pub position: u32,
}

/// One named hash of a trial's canonical output, and how it was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Identity {
    /// The hash, prefixed with its method: `blake3:...`, `sum64:...`.
    pub value: String,
    /// The file kept for showing the first difference, where there is one.
    pub kept: Option<PathBuf>,
}

/// The proof of a trial's output by the workload itself, in a process of its own. What it took is in
/// none of the trial's figures.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Verification {
    /// Whether the output stood.
    pub verified: bool,
    /// Elapsed seconds.
    pub wall: f64,
    /// CPU seconds.
    pub cpu: f64,
    /// Peak resident bytes of the largest process.
    pub peak_rss: u64,
}

/// What a trial was and how it ended: what every account of it begins with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TrialHead {
    /// Place in the order in which the session ran its trials, from 0.
    pub number: u32,
    /// The variant's id.
    pub variant: String,
    /// What it was measured with.
    pub instrument: Instrument,
    /// What it was for.
    pub role: Role,
    /// Place in the order of pairs (clock trials that count).
    pub block: Option<Block>,
    /// The memory cap of a target's `under`, in bytes.
    pub under: Option<u64>,
    /// The point of a sweep that it ran at; its round is then that of the sweep.
    #[serde(default)]
    pub point: Option<SweepPoint>,
    /// How it ended, the proof of its output included.
    pub outcome: Outcome,
    /// One line in words: what ended it, when, in which phase, how far.
    pub diagnosis: String,
    /// The proof of its output, where the workload offers one and the trial came to that; in none of the
    /// figures.
    #[serde(default)]
    pub verification: Option<Verification>,
    /// What the harness has to say about it, such as processes left behind.
    pub notes: Vec<String>,
}

/// One run of one variant under one instrument, each step in a fresh process.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Trial {
    /// What it was and how it ended.
    #[serde(flatten)]
    pub head: TrialHead,
    /// Its steps, as far as they ran.
    pub steps: Vec<Step>,
    /// Named digests of its output.
    pub digests: BTreeMap<String, Identity>,
    /// Peak bytes in the scratch directory.
    pub scratch_peak: Option<u64>,
    /// The heap profile (profile and dhat trials).
    pub profile: Option<HeapProfile>,
}

impl Trial {
    /// Elapsed seconds of all steps.
    pub fn wall(&self) -> f64 {
        self.steps.iter().map(|step| step.wall).sum()
    }

    /// The highest resident size of any one process, in bytes.
    pub fn peak_rss(&self) -> u64 {
        self.steps.iter().map(Step::peak_rss).max().unwrap_or(0)
    }
}
