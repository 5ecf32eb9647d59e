//! Parameters.

use plimsoll_workload::Failure;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What blocks are taken, and how often.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Params {
    /// Bytes of a block.
    pub chunk_size: usize,
    /// Blocks that each thread has in use.
    pub live: usize,
    /// How often one of them, picked at random, is given back and another taken; by all threads together.
    pub operations: u64,
    /// Bytes of the blocks that are in use when the space they take is measured.
    pub fill_bytes: usize,
    /// How often half of the blocks of mixed sizes, picked at random, are given back and others taken.
    pub rounds: u32,
    /// Seed of what is picked.
    pub seed: u64,
}

impl Default for Params {
    fn default() -> Self {
        Self {
            chunk_size: 768,
            live: 64,
            operations: 4_000_000,
            fill_bytes: 128 << 20,
            rounds: 10,
            seed: 20_261_122,
        }
    }
}

impl Params {
    /// Holds all of them to their ranges.
    ///
    /// # Errors
    /// One is out of it; the message names it.
    pub(super) fn check(&self) -> Result<(), Failure> {
        Failure::unless_within("chunk_size", self.chunk_size, 64..=1 << 30)?;
        Failure::unless_within("live", self.live, 1..=1 << 20)?;
        Failure::unless_within("operations", self.operations, 1..=1 << 40)?;
        Failure::unless_within("fill_bytes", self.fill_bytes, 1 << 10..=1 << 40)?;
        Failure::unless_within("rounds", self.rounds, 0..=1000)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_out_of_range_are_refused_by_name() {
        let refused = |change: fn(&mut Params)| {
            let mut params = Params::default();
            change(&mut params);
            params.check().unwrap_err().to_string()
        };
        assert!(refused(|p| p.chunk_size = 63).starts_with("chunk_size is 63; it must be from 64"));
        assert!(refused(|p| p.live = 0).starts_with("live is 0"));
        assert!(refused(|p| p.operations = 0).starts_with("operations is 0"));
        assert!(refused(|p| p.fill_bytes = 0).starts_with("fill_bytes is 0"));
        assert!(refused(|p| p.rounds = 1001).starts_with("rounds is 1001"));
        assert!(Params::default().check().is_ok());
    }
}
