//! The settings that decide the output.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How the UMIs of a position are brought together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Strategy {
    /// Equal UMIs are one molecule.
    Identity,
    /// UMIs that are joined by steps of few differences are one molecule.
    Edit,
    /// The same, where each step leads to a UMI that is seen about half as often, or less.
    Adjacency,
    /// Adjacency over the two halves of a UMI, one from each end; both strands are told apart.
    Paired,
}

/// What decides the output, known to be in its ranges.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// How UMIs are brought together.
    pub strategy: Strategy,
    /// Differences of a step, at most 3; none for identity.
    pub edits: u32,
    /// Least mapping quality of a mapped read and of its mate.
    pub min_mapq: u8,
    /// Keep reads that failed the sequencer's own check.
    pub include_non_pf: bool,
    /// Keep templates without a mapped read.
    pub allow_unmapped: bool,
    /// Fewest letters of a UMI, which are then all that is compared; at least 1, and not with paired.
    pub min_umi_length: Option<u32>,
    /// Level of libdeflate for the output: 1 to 12.
    pub level: u32,
}
