//! The smallest memory cap under which a variant still completes, as results hold it.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What the search for a variant's floor found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Floor {
    /// The largest cap in bytes under which it did not complete with the right output; absent where
    /// it did so under every cap that was tried.
    pub fails_at: Option<u64>,
    /// The smallest cap in bytes above that one under which every trial completed with the right
    /// output; absent where none did.
    pub passes_at: Option<u64>,
    /// Trials under `passes_at`, all of which completed.
    pub confirmed: u32,
    /// Trials that were asked of it.
    pub repeats: u32,
    /// The interval's width over `passes_at` that was asked for.
    pub precision: f64,
    /// Caps that were tried.
    pub caps: u32,
    /// Median elapsed seconds of the trials without such a cap.
    pub uncapped_wall: f64,
    /// What its output was held against, in words.
    pub compared: String,
    /// Every trial of the search, in order.
    pub attempts: Vec<FloorAttempt>,
    /// What is to be known before the interval is believed, in words.
    pub notes: Vec<String>,
    /// Why there is no interval, or why it is wider than was asked for.
    pub absent: Option<String>,
}

/// One trial of the search.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FloorAttempt {
    /// The trial's number.
    pub trial: u32,
    /// The cap in bytes.
    pub cap: u64,
    /// How it ended.
    pub ending: FloorEnding,
    /// The trial's diagnosis.
    pub diagnosis: String,
    /// Elapsed seconds.
    pub wall: f64,
    /// Elapsed time over the median without such a cap, where it passed.
    pub slowdown: Option<f64>,
    /// Page faults that needed I/O.
    pub major_faults: u64,
}

/// How a trial of the search ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum FloorEnding {
    /// Completed, with the right output.
    Passed,
    /// Completed, with another output.
    WrongOutput,
    /// Killed by the kernel at the cap.
    OutOfMemory,
    /// Declined beforehand.
    Refused,
    /// Ended by itself with an unexpected exit status.
    Failed,
    /// Died by a signal.
    Crashed,
    /// Made no progress, or took too long, and read its own pages from disk again and again.
    Thrashing,
    /// Made no progress.
    Stalled,
    /// Took too long.
    TimedOut,
    /// Could not even be started in so little memory.
    NotStarted,
}

impl fmt::Display for FloorEnding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            FloorEnding::Passed => "passed",
            FloorEnding::WrongOutput => "wrong output",
            FloorEnding::OutOfMemory => "out-of-memory",
            FloorEnding::Refused => "refused",
            FloorEnding::Failed => "failed",
            FloorEnding::Crashed => "crashed",
            FloorEnding::Thrashing => "thrashing",
            FloorEnding::Stalled => "stalled",
            FloorEnding::TimedOut => "timed-out",
            FloorEnding::NotStarted => "not started",
        })
    }
}
