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
    /// Processes that were counted from outside; 0 where the program counts itself.
    #[serde(default)]
    pub processes: u32,
}

/// One place in the program that allocates.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
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
}

/// A heap profile by dhat, condensed.
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
}
