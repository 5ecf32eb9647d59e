//! What a sampler is told and what it hands back.

use std::path::PathBuf;
use std::time::Duration;

use crate::evidence::{Census, Timeline};

/// Whom to watch, how often, and what to look at.
#[derive(Debug, Clone)]
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
    /// The directory in which each process has a gauge page of its own, named for its id. That of the largest is read.
    pub pages: Option<PathBuf>,
    /// The scratch directory whose size is watched.
    pub scratch: Option<PathBuf>,
    /// Whether to take the reconciliation's raw figures (count trials).
    pub census: bool,
    /// CLOCK_MONOTONIC nanoseconds of the step's start: zero on the axis of samples.
    pub origin_ns: u64,
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
            pages: None,
            scratch: None,
            census: false,
            origin_ns,
        }
    }
}

/// Everything that was seen from a sampler's start to its stop.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Observed {
    /// Memory over time.
    pub timeline: Timeline,
    /// The reconciliation's raw figures at the highest resident size, where they were asked for.
    pub census: Option<Census>,
    /// Censuses over the whole of the run, in order of time.
    pub course: Vec<Census>,
    /// The most bytes that the scratch directory was seen to hold, where one was watched.
    pub scratch_peak: Option<u64>,
    /// What could not be observed and why, in words.
    pub faults: Vec<String>,
}
