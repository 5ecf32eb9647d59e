//! What can be said in an event.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Better, Unit};

/// One line of the event file: what happened, and when.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Event {
    /// When, in nanoseconds of CLOCK_MONOTONIC.
    pub t: u64,
    /// What.
    #[serde(flatten)]
    pub kind: Kind,
}

/// What happened; the field `event` of the line names it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Kind {
    /// A phase begins. Phases are exclusive and process-wide.
    PhaseBegin {
        /// Its name.
        phase: String,
    },
    /// The running phase ends.
    PhaseEnd {
        /// Its name.
        phase: String,
        /// Its resident peak in bytes, where phase peaks were asked for and could be had.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        peak_rss: Option<u64>,
    },
    /// CPU time of a stage so far; the last line of a stage counts.
    Stage {
        /// Its name.
        stage: String,
        /// CPU nanoseconds of all its intervals, over all threads.
        cpu_ns: u64,
        /// How many intervals that was.
        count: u64,
    },
    /// A metric of the finished run; the last line of a name counts.
    Metric {
        /// Its name.
        name: String,
        /// What the number counts.
        unit: Unit,
        /// Which direction is good.
        better: Better,
        /// The number: finite.
        value: f64,
    },
    /// A distribution, summarized.
    Histogram {
        /// Its name.
        name: String,
        /// What its values count.
        unit: Unit,
        /// How many values; at least 1.
        count: u64,
        /// The smallest.
        min: f64,
        /// The arithmetic mean.
        mean: f64,
        /// The median.
        p50: f64,
        /// The 90th percentile.
        p90: f64,
        /// The 95th percentile.
        p95: f64,
        /// The 99th percentile.
        p99: f64,
        /// The 99.9th percentile.
        p999: f64,
        /// The largest.
        max: f64,
    },
    /// A hash of the run's canonical output.
    Digest {
        /// Its name.
        name: String,
        /// `ALGORITHM:VALUE`, such as `blake3:...` or `sum64:ee0d087930156b10`.
        value: String,
    },
    /// The implementation saw beforehand that the job does not fit.
    Refused {
        /// Bytes the job would need.
        needed: u64,
        /// Bytes there are.
        available: u64,
        /// What the user can do about it.
        hint: String,
    },
    /// Progress, from a program that does not map the gauge page.
    Progress {
        /// Units done.
        done: u64,
        /// Units in all, where known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        total: Option<u64>,
        /// What a unit is.
        unit: String,
    },
    /// One ledger component, from a program that does not map the gauge page.
    Ledger {
        /// Its name.
        component: String,
        /// Bytes the program believes it holds there now.
        bytes: u64,
    },
    /// The program used the protocol in a way that has no meaning, such as a phase inside a phase.
    Misuse {
        /// What it did, in words.
        about: String,
    },
    /// Something could not be measured as asked, or was not done as asked, through no fault of the program.
    Notice {
        /// What and why, in words.
        about: String,
    },
    /// The run is over; nothing follows.
    End {
        /// SIGTERM came and the program looked: the work may be unfinished.
        #[serde(default)]
        cancelled: bool,
    },
}

impl Kind {
    /// The value of the field `event` for every kind.
    pub const NAMES: [&'static str; 12] = [
        "phase_begin",
        "phase_end",
        "stage",
        "metric",
        "histogram",
        "digest",
        "refused",
        "progress",
        "ledger",
        "misuse",
        "notice",
        "end",
    ];

    /// Every text in it, for cutting to length.
    pub(super) fn texts(&mut self) -> [Option<&mut String>; 2] {
        match self {
            Self::PhaseBegin { phase } | Self::PhaseEnd { phase, .. } => [Some(phase), None],
            Self::Stage { stage, .. } => [Some(stage), None],
            Self::Metric { name, .. } | Self::Histogram { name, .. } => [Some(name), None],
            Self::Digest { name, value } => [Some(name), Some(value)],
            Self::Refused { hint, .. } => [Some(hint), None],
            Self::Progress { unit, .. } => [Some(unit), None],
            Self::Ledger { component, .. } => [Some(component), None],
            Self::Misuse { about } | Self::Notice { about } => [Some(about), None],
            Self::End { .. } => [None, None],
        }
    }
}
