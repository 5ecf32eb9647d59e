//! Tests of the workload through its public interface.

#![allow(clippy::unwrap_used, reason = "a failing helper fails its test")]

mod deltas;
mod fasta;
mod generate;
mod golden;
mod inputs;
//! Integration tests, one binary.

mod deltas;
mod packs;
mod plain_blocks;
mod inputs;
//! The workload, held to its specification from outside.
#![allow(clippy::unwrap_used, reason = "a failed test is a panic")]

mod cutting;
mod fasta;
mod generate;
mod golden;
mod splitters;
