//! Resident memory over time, and what holds it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::evidence::{PhaseSpan, Sample};

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
    /// (Heap outside the ledger + ledger beyond all that is held) / live heap.
    #[serde(default)]
    pub ledger_gap: f64,
    /// (Heap outside the ledger + remainder) / resident.
    pub unaccounted_share: f64,
    /// Why the table is not to be trusted, where that is so.
    pub refused: Option<String>,
    /// The same lines over the whole of the count trial.
    #[serde(default)]
    pub course: ReconciliationCourse,
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
