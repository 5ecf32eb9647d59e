//! Tests of the workload through its public interface.

#![allow(clippy::unwrap_used, reason = "a failing helper fails its test")]

mod cutting;
mod deltas;
mod fasta;
mod generate;
mod golden;
mod inputs;
mod packs;
mod plain_blocks;
mod splitters;
