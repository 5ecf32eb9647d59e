//! How a trial ended.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How a trial ended. Anything but `completed` is evidence, not an error of the harness.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// Ended by itself with an expected exit status.
    Completed,
    /// Declined beforehand, with the memory it would have needed.
    Refused,
    /// Ended by itself with an unexpected exit status.
    Failed,
    /// Died by a signal that was not the harness's and not the kernel's out-of-memory kill.
    Crashed,
    /// Killed by the kernel for exceeding its memory cap.
    OutOfMemory,
    /// Killed by the harness for making no progress within `limits.stall`.
    Stalled,
    /// Killed by the harness at `limits.wall` or `limits.cpu`.
    TimedOut,
    /// Ended because the user interrupted the session.
    Interrupted,
}

impl Outcome {
    /// Every outcome, in the order of the documentation.
    pub const ALL: [Outcome; 8] = [
        Outcome::Completed,
        Outcome::Refused,
        Outcome::Failed,
        Outcome::Crashed,
        Outcome::OutOfMemory,
        Outcome::Stalled,
        Outcome::TimedOut,
        Outcome::Interrupted,
    ];

    /// The name used in scenarios, reports and results.
    pub fn name(self) -> &'static str {
        match self {
            Outcome::Completed => "completed",
            Outcome::Refused => "refused",
            Outcome::Failed => "failed",
            Outcome::Crashed => "crashed",
            Outcome::OutOfMemory => "out-of-memory",
            Outcome::Stalled => "stalled",
            Outcome::TimedOut => "timed-out",
            Outcome::Interrupted => "interrupted",
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
