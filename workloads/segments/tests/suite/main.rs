//! The workload, held to its specification from outside.
#![allow(clippy::unwrap_used, reason = "a failed test is a panic")]

mod agreement;
mod cutting;
mod deltas;
mod fasta;
mod generate;
mod golden;
mod inputs;
mod packs;
mod plain_blocks;
mod splitters;
