//! The real binary, end to end: what a user types, what comes back, what is left behind.

#![allow(clippy::unwrap_used, reason = "a failing helper fails its test")]

mod bad_days;
mod bad_input;
mod caps;
mod commands;
mod comparisons;
mod counted;
mod disk;
mod embeddings;
mod embeddings_parts;
mod floor;
mod gates;
mod instructions;
mod interruption;
mod killed;
mod kills;
mod options;
mod plain;
mod readme;
mod requirements;
mod segments;
mod steps;
mod support;
mod sweeps;
mod terminal;
mod truth;
mod umi;
mod vectors;
mod verification;
mod workloads;
