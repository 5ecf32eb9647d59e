//! Resident memory over time, as the sampler saw it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One look at all processes of a step. Samples draw the line; they never decide a verdict.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Sample {
    /// Seconds since the step began.
    pub t: f64,
    /// Resident bytes, summed over the processes.
    pub rss: u64,
    /// Resident bytes of the largest process.
    pub largest: u64,
    /// Anonymous resident bytes, summed.
    pub anon: u64,
    /// File-backed resident bytes, summed.
    pub file: u64,
    /// Shared-memory resident bytes, summed.
    pub shared: u64,
    /// Swapped-out bytes, summed.
    pub swap: u64,
    /// Processes alive.
    pub processes: u32,
    /// Sum of the program's ledger, where it keeps one.
    pub ledger: Option<u64>,
    /// Progress in the program's own unit, where it reports any.
    pub progress: Option<u64>,
    /// Bytes in the scratch directory, at the samples that looked.
    pub scratch: Option<u64>,
}

/// The samples of a step, in order of time.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Timeline {
    /// The set interval in seconds; 0 where the sampler was off.
    pub interval: f64,
    /// Samples in order of time.
    pub samples: Vec<Sample>,
    /// CPU seconds that the sampling itself took.
    pub cost: f64,
}
