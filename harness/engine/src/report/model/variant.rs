//! The figures of a variant.

use std::collections::BTreeMap;

use plimsoll_workload::{Better, Unit};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{ChartTimeline, Floor, Reconciliation};
use crate::evidence::{Aggregate, HeapProfile, Outcome, ReportedHistogram};

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
