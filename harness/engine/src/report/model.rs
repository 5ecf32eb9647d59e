//! `result.json`: the one model that the terminal, Markdown, HTML and CSV are rendered from.

use std::collections::BTreeMap;
use std::fmt;

use plimsoll_workload::{Better, Unit};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::comparison::Comparison;
use super::{Floor, SweepReport};
use crate::evidence::{
    Aggregate, HeapProfile, Machine, Outcome, PhaseSpan, ReportedHistogram, Sample, TrialHead,
};

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

/// One variant's figures.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct VariantReport {
    /// Its id.
    pub id: String,
    /// One line on it.
    pub about: String,
    /// True for the one that others are held against.
    pub baseline: bool,
    /// What ran: the implementation's name or the command line.
    pub implementation: String,
    /// `blake3:` of the program files that its trials executed, for telling builds apart; absent where
    /// one could not be read.
    #[serde(default)]
    pub build: Option<String>,
    /// Effective parameters.
    pub params: serde_json::Map<String, serde_json::Value>,
    /// Which prepared inputs it read: variants with the same name here read the same.
    #[serde(default)]
    pub inputs: Option<String>,
    /// Threads, where set.
    pub threads: Option<usize>,
    /// The allocator: `system`, `mimalloc` or `jemalloc`; `unknown` for a command that brings its own, or may.
    pub allocator: String,
    /// The worst outcome of its uncapped clock trials.
    pub outcome: Outcome,
    /// That trial's diagnosis.
    pub diagnosis: String,
    /// Named digests; where trials disagree, that of the first, and the identity verdict says so.
    pub digests: BTreeMap<String, String>,
    /// Metrics by name.
    pub metrics: BTreeMap<String, Metric>,
    /// Its steps in the order in which they run, where they have names.
    #[serde(default)]
    pub steps: Vec<StepReport>,
    /// Against the baseline, by metric.
    pub relative: BTreeMap<String, Relative>,
    /// Histograms that the workload reported, from the median trial.
    pub histograms: Vec<ReportedHistogram>,
    /// Resident memory over time, from the clock trial with the highest peak.
    pub timeline: Option<ChartTimeline>,
    /// Ledger, heap and resident memory side by side; or why not.
    pub reconciliation: Option<Reconciliation>,
    /// The heap profile that says most: by dhat or from samples, of the size that was run where there
    /// is one.
    pub profile: Option<HeapProfile>,
    /// The end of standard error of a trial that did not complete.
    pub stderr_tail: Option<String>,
    /// The smallest memory cap under which it completes, where that was searched for.
    #[serde(default)]
    pub floor: Option<Floor>,
}

/// One step of a variant. Its figures are the metrics `step.NAME.wall`, `step.NAME.cpu` and
/// `step.NAME.peak_rss`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct StepReport {
    /// Its name; empty where the variant has one step without a name, which stands here only where it
    /// is killed.
    pub name: String,
    /// What became of the scenario's kills of it, where there are any.
    #[serde(default)]
    pub kills: Option<Kills>,
}

/// How often a step was to be killed in a variant's runs of record, and was.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Kills {
    /// Processes that were to be killed.
    pub planned: u32,
    /// Those that were; the others had ended before.
    pub killed: u32,
}

/// A metric of a variant, or why it could not be had.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Metric {
    /// Measured.
    Value(MetricValue),
    /// Could not be had.
    Absent {
        /// Why.
        absent: String,
    },
}

/// A measured metric over the trials of a variant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MetricValue {
    /// What it counts.
    pub unit: Unit,
    /// Where it comes from.
    pub source: String,
    /// Which direction is good.
    pub better: Better,
    /// How an absolute target aggregates it.
    pub aggregate: Aggregate,
    /// Trials.
    pub n: u32,
    /// Smallest.
    pub min: f64,
    /// Median.
    pub median: f64,
    /// Largest.
    pub max: f64,
    /// Every value, in the order of the trials.
    pub values: Vec<f64>,
}

/// A metric against the baseline's: the median of paired ratios.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Relative {
    /// Variant over baseline.
    pub ratio: f64,
    /// Lower end of the interval.
    pub low: f64,
    /// Upper end of the interval.
    pub high: f64,
    /// Pairs.
    pub pairs: u32,
    /// Confidence level of the interval, after paying for repeated looks; 0 where there are too few pairs for one.
    pub level: f64,
}

/// The line of a resident-memory chart.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ChartTimeline {
    /// The trial it comes from.
    pub trial: u32,
    /// Samples of all steps, one after the other, thinned to at most 2,000 that keep each peak.
    pub samples: Vec<Sample>,
    /// Phases on the same time axis.
    pub phases: Vec<PhaseSpan>,
    /// The exact peak in bytes, from the kernel.
    pub peak: u64,
}

/// Ledger, heap and resident memory side by side, at the highest resident size of the count trial.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Reconciliation {
    /// Lines that add up to `resident`; amounts may be negative (allocated but untouched).
    pub lines: Vec<ReconciliationLine>,
    /// Resident bytes explained.
    pub resident: u64,
    /// What is left over, in bytes.
    pub remainder: i64,
    /// The count trial's peak over the clock trials' median peak, less 1.
    pub instrument_effect: f64,
    /// (Heap outside the ledger + remainder) / resident.
    pub unaccounted_share: f64,
    /// Why the table is not to be trusted, where that is so.
    pub refused: Option<String>,
    /// The same lines over the whole of the count trial.
    #[serde(default)]
    pub course: ReconciliationCourse,
}

/// A reconciliation over time, column by column: all of the same length.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ReconciliationCourse {
    /// Seconds since the trial began, ascending.
    pub t: Vec<f64>,
    /// Resident bytes.
    pub resident: Vec<u64>,
    /// The lines, the remainder last.
    pub bands: Vec<CourseBand>,
}

/// One line of a reconciliation over time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CourseBand {
    /// What holds the memory.
    pub what: String,
    /// True for components of the program's own ledger.
    pub ledger: bool,
    /// Bytes at each time.
    pub bytes: Vec<i64>,
}

/// One line of a reconciliation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ReconciliationLine {
    /// What holds the memory.
    pub what: String,
    /// Bytes.
    pub bytes: i64,
    /// True for components of the program's own ledger.
    pub ledger: bool,
}

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
