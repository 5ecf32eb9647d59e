//! The workload, held to its specification from outside.
#![allow(clippy::unwrap_used, reason = "a failed test is a panic")]

mod agreement;
mod archives;
mod cases;
mod compressor;
mod cutting;
mod damaged;
mod deltas;
mod extract;
mod failures;
mod fasta;
mod full_disk;
mod generate;
mod golden;
mod inputs;
mod largest;
mod packs;
mod plain_blocks;
mod runs;
mod splitters;
mod verify;
