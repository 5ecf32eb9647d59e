//! What the heap instruments saw.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What the malloc layer counted over a step (count trials), Rust and C apart.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct HeapCounts {
    /// Highest live bytes, Rust and C together; of several processes, the largest one's.
    pub peak: u64,
    /// Highest live bytes allocated through Rust's global allocator.
    pub peak_rust: u64,
    /// Highest live bytes allocated through C's malloc; absent where it cannot be counted, or not be told from Rust's.
    pub peak_c: Option<u64>,
    /// All bytes ever allocated, in all processes that were counted.
    pub total: u64,
    /// Allocations made, in all processes that were counted.
    pub allocations: u64,
    /// Live bytes may be off by this much, because threads count in batches.
    pub error: u64,
    /// Whether total bytes and allocations are exact: whoever was counted did little, or ended by itself.
    #[serde(default)]
    pub whole: bool,
    /// Processes that were counted from outside; 0 where the program counts itself.
    #[serde(default)]
    pub processes: u32,
}

impl HeapCounts {
    /// Bytes by which `total` may be too low.
    pub fn total_error(&self) -> u64 {
        if self.whole { 0 } else { self.error }
    }

    /// Calls by which `allocations` may be too low: a thread holds back 1,024 of them where it holds back 16 KiB.
    pub fn calls_error(&self) -> u64 {
        self.total_error() / 16
    }
}

/// One place in the program that allocates. Of a sampled profile, figures are estimates.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CallSite {
    /// Frames from the allocation outwards, the harness's and the runtime's own left out.
    pub frames: Vec<String>,
    /// Bytes live at the heap's peak.
    pub at_peak: u64,
    /// Blocks live at the heap's peak.
    pub blocks_at_peak: u64,
    /// Bytes allocated over the whole run.
    pub total: u64,
    /// Allocations over the whole run.
    pub allocations: u64,
    /// Of these, how many are sure to have lived for less than a hundredth of the run; absent where lifetimes are
    /// not known.
    #[serde(default)]
    pub short_lived: Option<u64>,
    /// Whether C's malloc was asked; else Rust's global allocator.
    #[serde(default)]
    pub c: bool,
    /// How far from the truth its figures may be, where they are estimates.
    #[serde(default)]
    pub sampled: Option<SampledFigures>,
}

/// How good estimates from samples are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SampledFigures {
    /// Allocations that they come from.
    pub samples: u64,
    /// Standard error of `at_peak` in bytes.
    pub at_peak_error: u64,
    /// Standard error of `total` in bytes.
    pub total_error: u64,
}

/// A heap profile, condensed: by dhat, of every allocation, or from samples.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct HeapProfile {
    /// Bytes live at the heap's peak.
    pub at_peak: u64,
    /// Bytes allocated over the whole run.
    pub total: u64,
    /// Allocations over the whole run.
    pub allocations: u64,
    /// Call sites, the largest at the peak first.
    pub sites: Vec<CallSite>,
    /// Set when frames carry no names, because the binary is stripped.
    pub stripped: bool,
    /// File name of the kept `dhat-heap.json`, relative to the report.
    pub file: Option<String>,
    /// Mean bytes from sample to sample, where it comes from samples; all its figures are estimates
    /// then.
    #[serde(default)]
    pub sampled_every: Option<u64>,
    /// How far from the truth the sums may be, where they are estimates.
    #[serde(default)]
    pub sampled: Option<SampledFigures>,
    /// The size whose parameters it was taken with, where that is not the one that was run.
    #[serde(default)]
    pub size: Option<String>,
}
