//! The workload against golden data, and against what can go wrong.
#![allow(clippy::unwrap_used, reason = "a failed test is a panic")]

mod baseline;
mod estimate;
mod formats;
mod generate;
mod golden;
mod memory;
mod preflight;
mod refusals;
mod runs;
mod truth;
mod workload;
