//! Targets held against the evidence: verdicts, what is still open, and the exit code.

mod bounds;
mod case;
mod compared;
mod decide;
mod difference;
mod equals;
mod exit_code;
mod expected;
mod finding;
mod floor;
mod frontier;
mod growth;
mod identity;
mod need;
mod ratio;
#[cfg(test)]
mod tests;
mod verdicts;

pub use compared::gate;
pub use difference::{Difference, KeptOutputs, NoOutputs, first_difference};
pub use exit_code::{ExitCode, unexpected};
pub use need::{Need, needs_more};
pub use verdicts::{judge, judge_with_outputs};
