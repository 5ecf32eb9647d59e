//! One process of a trial, as the kernel accounted for it.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Census, HeapCounts, Instructions, PhaseSpan, ReportedHistogram, ReportedMetric, Timeline,
};

/// How a process ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Exit {
    /// By itself, with this status.
    Code(i32),
    /// By this signal.
    Signal(i32),
}

impl fmt::Display for Exit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Exit::Code(code) => write!(f, "exit status {code}"),
            Exit::Signal(signal) => write!(f, "signal {signal}"),
        }
    }
}

/// The kernel's accounting for a process and the descendants it waited for (`wait4`).
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Usage {
    /// User CPU seconds.
    pub user: f64,
    /// System CPU seconds.
    pub sys: f64,
    /// Peak resident bytes of the largest single process (`ru_maxrss`).
    pub max_rss: u64,
    /// Page faults served without I/O.
    pub minor_faults: u64,
    /// Page faults that needed I/O.
    pub major_faults: u64,
    /// Context switches, voluntary and not.
    pub context_switches: u64,
}

/// A process that the fork server reaped: the step itself, or an orphan it left behind.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ProcessRecord {
    /// Process id at the time.
    pub pid: i32,
    /// True for the process that the fork server started, false for an orphan.
    pub main: bool,
    /// How it ended.
    pub exit: Exit,
    /// Its own accounting.
    pub usage: Usage,
}

/// What the memory cap saw.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CapEvidence {
    /// What enforced it: `cgroup-v2`, `cgroup-v1` or `sampled`.
    pub kind: String,
    /// The cap in bytes.
    pub limit: u64,
    /// The cgroup's own peak in bytes (page cache and kernel memory included), where it counts one.
    pub peak: Option<u64>,
    /// Kills that the cgroup counted.
    pub oom_kills: u64,
}

/// The scenario's attempt to kill a step on its way.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct StepKill {
    /// Seconds from its start at which it was to be killed.
    pub at: f64,
    /// Seconds that the moment was chosen within; absent where the scenario fixes it.
    pub of: Option<f64>,
    /// Whether it was killed; otherwise it had ended before.
    pub killed: bool,
}

/// One step of a trial.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Step {
    /// The step's name; empty where a variant has one step only.
    pub name: String,
    /// Seconds from just before the program was started until it was reaped.
    pub wall: f64,
    /// How its main process ended.
    pub exit: Exit,
    /// The scenario's attempt to kill it, where there was one. A killed step is followed by a process
    /// that resumes, and has neither completed nor failed.
    #[serde(default)]
    pub kill: Option<StepKill>,
    /// The main process's accounting.
    pub usage: Usage,
    /// Every process that the fork server reaped, the main one first.
    pub processes: Vec<ProcessRecord>,
    /// The largest peak stored by the program before it reset the kernel's mark; see
    /// [`Step::peak_rss`].
    pub stored_peak: Option<u64>,
    /// Resident size in bytes that the process had from the fork server just before it became the
    /// program: peaks at or below it cannot be told apart.
    pub floor: u64,
    /// The cap, where one was set.
    pub cap: Option<CapEvidence>,
    /// Resident memory over time.
    pub timeline: Timeline,
    /// Phases in order of their beginning.
    pub phases: Vec<PhaseSpan>,
    /// CPU seconds per stage.
    pub stages: Vec<(String, f64)>,
    /// Metrics that the program reported.
    pub metrics: Vec<ReportedMetric>,
    /// Histograms that the program reported.
    pub histograms: Vec<ReportedHistogram>,
    /// The last progress seen: done, total, unit.
    pub progress: Option<(u64, Option<u64>, String)>,
    /// The last ledger seen: component and bytes.
    pub ledger: Vec<(String, u64)>,
    /// What the malloc layer counted (count trials).
    pub heap: Option<HeapCounts>,
    /// Why the heap of a plain command was not counted, where that was to be.
    #[serde(default)]
    pub uncounted: Option<String>,
    /// The allocator that the program said it ran on, where it said so.
    #[serde(default)]
    pub allocator: Option<String>,
    /// The reconciliation's raw figures, taken at the highest resident size (count trials).
    pub census: Option<Census>,
    /// The same figures over the whole of the run, in order of time (count trials).
    #[serde(default)]
    pub course: Vec<Census>,
    /// The instructions it executed (instruction trials).
    #[serde(default)]
    pub instructions: Option<Instructions>,
    /// Event lines that could not be read.
    pub malformed_events: u64,
    /// What the program said about its own misuse of the protocol.
    pub misuse: Vec<String>,
    /// The end of standard error, lossily decoded.
    pub stderr_tail: String,
    /// Bytes written to standard output; 0 where it was discarded.
    pub stdout_bytes: u64,
}

impl Step {
    /// The highest resident size of any one process of the step, in bytes: the kernel's mark, or
    /// a higher one that the program stored before it reset the mark.
    pub fn peak_rss(&self) -> u64 {
        let marks = self.processes.iter().map(|p| p.usage.max_rss);
        marks
            .chain([self.usage.max_rss])
            .chain(self.stored_peak)
            .max()
            .unwrap_or(0)
    }
}
