//! The one stream of what happens during a session; the terminal and the JSON-lines log read it.

use serde::Serialize;

use crate::evidence::{Instrument, Outcome, Role, SweepPoint};

/// Something that happened during a session.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "notice", rename_all = "kebab-case")]
pub enum Notice {
    /// A scenario begins at a size.
    ScenarioBegins {
        /// Its name.
        scenario: String,
        /// The size.
        size: String,
        /// The variants' ids.
        variants: Vec<String>,
        /// Trials planned at least, of all instruments.
        trials: u32,
    },
    /// Inputs are being made or verified.
    Preparing {
        /// What is being made.
        what: String,
    },
    /// A trial begins.
    TrialBegins {
        /// Its number.
        number: u32,
        /// Trials planned at least, as far as is known now.
        of: u32,
        /// The variant.
        variant: String,
        /// The instrument.
        instrument: Instrument,
        /// What it is for.
        role: Role,
        /// The memory cap of a target's `under`, in bytes.
        under: Option<u64>,
        /// The point of a sweep.
        point: Option<SweepPoint>,
    },
    /// A running trial, at most ten times a second.
    TrialTicks {
        /// The current phase.
        phase: Option<String>,
        /// Progress done, in `unit`.
        done: Option<u64>,
        /// Progress expected.
        total: Option<u64>,
        /// The unit of progress.
        unit: String,
        /// Resident bytes now, all processes.
        rss: u64,
        /// Seconds since the trial began.
        elapsed: f64,
    },
    /// A trial ended.
    TrialEnds {
        /// Its number.
        number: u32,
        /// The variant.
        variant: String,
        /// How it ended.
        outcome: Outcome,
        /// One line in words.
        diagnosis: String,
        /// Elapsed seconds.
        wall: f64,
        /// CPU seconds.
        cpu: f64,
        /// Peak resident bytes.
        peak_rss: u64,
    },
    /// Something the user should know: a fall-back, a left-over that was cleaned up.
    Note {
        /// In words.
        text: String,
    },
    /// A scenario is done and its report written.
    ScenarioEnds {
        /// Its name.
        scenario: String,
        /// Where the report is.
        report: String,
    },
}

/// Whoever listens to a session.
pub trait Observer {
    /// Called for each notice, in order, from the supervising thread.
    fn notice(&mut self, notice: Notice);
}
