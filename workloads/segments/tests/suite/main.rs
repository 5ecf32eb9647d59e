//! Tests of the workload through its public interface.

#![allow(clippy::unwrap_used, reason = "a failing helper fails its test")]

mod fasta;
mod generate;
mod golden;
mod inputs;
