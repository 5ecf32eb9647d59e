//! What comes of holding stored results against one another, as `compare --format json` prints it.

use std::fmt;

use plimsoll_workload::{Better, Unit};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::evidence::Outcome;
use crate::report::HeapDifference;

/// Several sets of stored results, each held against the first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Comparison {
    /// Version of this contract: that of the results, [`SCHEMA_VERSION`](crate::report::SCHEMA_VERSION).
    pub schema_version: u32,
    /// What the sets of results are called, in the order in which they were named. The others are held
    /// against the first.
    pub results: Vec<String>,
    /// Confidence level of every interval that has one.
    pub level: f64,
    /// "No difference" means that the whole interval is within this share of equality, either way.
    pub margin: f64,
    /// The gate: a metric that is worse by surely more than this share fails.
    pub fail_above: Option<f64>,
    /// How it was compared, in words.
    pub method: String,
    /// What belongs to no scenario: results without a counterpart.
    pub notes: Vec<String>,
    /// The scenarios, one per size and part.
    pub scenarios: Vec<ScenarioComparison>,
    /// The exit code that it amounts to.
    pub exit_code: u8,
}

/// A scenario at one size, or a part of it, in every set of results.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ScenarioComparison {
    /// The scenario's name.
    pub scenario: String,
    /// The size.
    pub size: String,
    /// What part of the scenario was run, where it was not the whole: `floor`.
    #[serde(default)]
    pub part: Option<String>,
    /// The session of each set of results; none where it has no such result.
    pub sessions: Vec<Option<SessionHead>>,
    /// What a reader must know before believing the figures, the gravest first.
    pub notes: Vec<String>,
    /// The variants, in the order of the first result that has them.
    pub variants: Vec<VariantComparison>,
}

/// What a session was, as far as it bears on a comparison.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SessionHead {
    /// When it began, RFC 3339 in UTC.
    pub started: String,
    /// The machine in short: processor, cores, kernel.
    pub machine: String,
    /// The machine's fingerprint: figures of equal ones are comparable.
    pub fingerprint: String,
    /// The harness's version.
    pub plimsoll: String,
}

/// One variant in every set of results.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct VariantComparison {
    /// Its id.
    pub id: String,
    /// Whether it is the one that the others of its scenario are held against.
    pub baseline: bool,
    /// What differs besides the figures: build, parameters, inputs, threads.
    pub notes: Vec<String>,
    /// How it ended and whether its output stayed what it was, in each later result that has it.
    pub endings: Vec<Ending>,
    /// Its metrics.
    pub metrics: Vec<MetricComparison>,
    /// What changed in its heap, in each later result that has a profile, as the first one has.
    #[serde(default)]
    pub heaps: Vec<HeapChange>,
}

/// A variant's heap in a later result beside the first one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct HeapChange {
    /// Index into [`Comparison::results`].
    pub result: u32,
    /// What changed, by call site.
    pub difference: HeapDifference,
}

/// How a variant ended in a later result, beside the first one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Ending {
    /// Index into [`Comparison::results`].
    pub result: u32,
    /// How it ended in the first result.
    pub was: Outcome,
    /// How it ended in this one.
    pub is: Outcome,
    /// That in words, where it did not complete.
    pub diagnosis: Option<String>,
    /// Whether completing was lost or won.
    pub verdict: Difference,
    /// Whether its digests are those of the first result.
    pub output: OutputSameness,
}

/// How the digests of one variant in two results compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum OutputSameness {
    /// Every digest that both have is equal.
    Same,
    /// At least one is not.
    Differs,
    /// They have none in common, or their inputs or parameters differ.
    Unknown,
}

/// One metric of one variant in every set of results.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MetricComparison {
    /// Its name.
    pub metric: String,
    /// What it counts.
    pub unit: Unit,
    /// Which direction is good.
    pub better: Better,
    /// The one figure that stands for all trials of the first result: the median, or the trial that
    /// binds. In base units; none where it has none.
    pub old: Option<f64>,
    /// One per later result that has the variant.
    pub changes: Vec<Change>,
}

/// A metric in a later result against the first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Change {
    /// Index into [`Comparison::results`].
    pub result: u32,
    /// The later figure, as [`MetricComparison::old`].
    pub new: Option<f64>,
    /// New over old; by [`Method::Control`] the ratio of the two ratios to the baseline.
    pub ratio: Option<f64>,
    /// Lower end of the ratio's interval, noise between sessions included.
    pub low: Option<f64>,
    /// Upper end of it.
    pub high: Option<f64>,
    /// What follows.
    pub verdict: Difference,
    /// How it was compared.
    pub method: Method,
    /// What two sessions of one build are taken to differ by.
    pub floor: Option<SessionNoise>,
    /// Why it is inconclusive or absent, and what would help.
    pub reason: Option<String>,
}

/// What two sessions of one build are taken to differ by, in either direction.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SessionNoise {
    /// As a share.
    pub share: f64,
    /// Sessions of equal builds that it was learned from; 0 where it is assumed.
    pub sessions: u32,
}

/// What follows for one metric.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Difference {
    /// Surely better.
    Improved,
    /// Surely worse.
    Regressed,
    /// Surely within the margin of equality.
    NoDifference,
    /// Surely another value, of a metric without a good direction.
    Differs,
    /// The evidence does not decide.
    Inconclusive,
    /// One of the results has no value.
    Absent,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Difference::Improved => "improved",
            Difference::Regressed => "regressed",
            Difference::NoDifference => "no difference",
            Difference::Differs => "differs",
            Difference::Inconclusive => "inconclusive",
            Difference::Absent => "absent",
        })
    }
}

/// How two results were compared in one metric.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Method {
    /// Value for value: the metric holds still.
    Exact,
    /// The extremes of every combination of runs.
    Range,
    /// The unpaired shift of the runs' logarithms.
    Shift,
    /// The unpaired shift of the log ratios to the baseline that ran in the same rounds.
    Control,
}

/// The text of a comparison as JSON: indented, with a final line break.
///
/// # Errors
///
/// When a value cannot be written as JSON.
pub fn comparison_to_json(comparison: &Comparison) -> Result<String, serde_json::Error> {
    let mut text = serde_json::to_string_pretty(comparison)?;
    text.push('\n');
    Ok(text)
}

/// The JSON Schema of a comparison, indented, with a final line break.
///
/// # Errors
///
/// When the schema cannot be written as JSON.
pub fn comparison_schema() -> Result<String, serde_json::Error> {
    let mut text = serde_json::to_string_pretty(&schemars::schema_for!(Comparison))?;
    text.push('\n');
    Ok(text)
}
