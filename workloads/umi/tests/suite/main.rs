//! The workload against golden data, and against what can go wrong.
#![allow(clippy::unwrap_used, reason = "a failed test is a panic")]

mod agreement;
mod bam;
mod failures;
mod generate;
mod golden;
mod runs;
