//! Tests of the workload through its public interface.

#![allow(clippy::unwrap_used, reason = "a failing helper fails its test")]

mod archives;
mod compressor;
mod damaged;
mod deltas;
mod fasta;
mod full_disk;
mod generate;
mod golden;
mod inputs;
mod largest;
mod packs;
mod plain_blocks;
mod verify;
