//! What a sampler is told and what it hands back.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use plimsoll_workload::gauges::Snapshot;

use crate::evidence::{Census, Timeline};

/// Whom to watch, how often, and what to look at.
#[derive(Debug)]
pub struct SamplerConfig {
    /// The step's main process.
    pub main_pid: i32,
    /// The process that orphans of the step are handed to (a child subreaper), where all its
    /// children are of the step.
    pub reaper: Option<i32>,
    /// The list of the step's processes, where they have a cgroup of their own.
    pub cgroup_procs: Option<PathBuf>,
    /// From one look to the next; at least a millisecond is waited.
    pub interval: Duration,
    /// The gauge page that the program was given.
    pub gauges: Option<PathBuf>,
    /// The scratch directory whose size is watched.
    pub scratch: Option<PathBuf>,
    /// Whether to take the reconciliation's raw figures (count trials).
    pub census: bool,
    /// CLOCK_MONOTONIC nanoseconds of the step's start: zero on the axis of samples.
    pub origin_ns: u64,
    /// A cap that only sampling enforces.
    pub kill_above: Option<Ceiling>,
}

impl SamplerConfig {
    /// Looks at `main_pid` and its descendants each `interval`, at their memory only; the step
    /// began at `origin_ns`.
    pub fn new(main_pid: i32, interval: Duration, origin_ns: u64) -> Self {
        Self {
            main_pid,
            reaper: None,
            cgroup_procs: None,
            interval,
            gauges: None,
            scratch: None,
            census: false,
            origin_ns,
            kill_above: None,
        }
    }
}

/// A cap on the sampled resident size of all processes together.
pub struct Ceiling {
    /// The cap in bytes.
    pub bytes: u64,
    /// Called once, from the sampler's thread, with the bytes of the first look above the cap.
    pub passed: Box<dyn FnOnce(u64) + Send>,
}

impl fmt::Debug for Ceiling {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ceiling")
            .field("bytes", &self.bytes)
            .finish_non_exhaustive()
    }
}

/// Everything that was seen from a sampler's start to its stop.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Observed {
    /// Memory over time.
    pub timeline: Timeline,
    /// The reconciliation's raw figures at the highest resident size, where they were asked for.
    pub census: Option<Census>,
    /// The gauge page at the end; none where the program never used it.
    pub gauges: Option<Snapshot>,
    /// The most bytes that the scratch directory was seen to hold, where one was watched.
    pub scratch_peak: Option<u64>,
    /// The first look above the cap, in bytes.
    pub passed_cap: Option<u64>,
    /// What could not be observed and why, in words.
    pub faults: Vec<String>,
}
