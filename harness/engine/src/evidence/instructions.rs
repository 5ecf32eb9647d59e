//! Instructions that a step executed in user mode.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Who counts instructions. What the two count is not comparable: valgrind counts what it reads of
/// the program, the processor what it retires.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum CountedBy {
    /// The processor, through `perf_event_open`.
    Perf,
    /// valgrind's cachegrind, without its simulation of caches.
    Valgrind,
}

impl CountedBy {
    /// Its name in scenarios, results and reports.
    pub fn name(self) -> &'static str {
        match self {
            CountedBy::Perf => "perf",
            CountedBy::Valgrind => "valgrind",
        }
    }
}

impl fmt::Display for CountedBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The instructions of a step, all its processes together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Instructions {
    /// They were counted.
    Counted {
        /// Who counted.
        by: CountedBy,
        /// Instructions executed in user mode.
        count: u64,
    },
    /// They could not be counted.
    Absent {
        /// Why, in words.
        why: String,
    },
}
