//! What a search found in one text: counts, the best ortho, and an order-free digest of the set.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::tally::Tally;

/// The result after one text, over everything read so far; the same for every implementation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// Words known.
    pub vocabulary: u64,
    /// Distinct orthos, the empty seed not counted.
    pub orthos: u64,
    /// Children made, each distinct ortho and the seed being expanded once.
    pub candidates: u64,
    /// Children that were already known: `candidates - orthos`.
    pub duplicates: u64,
    /// Orthos below the cap that have no child at all.
    pub leaves: u64,
    /// Orthos with as many filled cells as the cap allows; these are not expanded.
    pub at_cap: u64,
    /// Orthos per number of filled cells.
    pub levels: BTreeMap<u32, u64>,
    /// Orthos per shape, written `3x2`.
    pub shapes: BTreeMap<String, u64>,
    /// The best ortho, if there is any.
    pub optimal: Option<Optimal>,
    /// Sum of all ortho hashes modulo 2^64.
    #[serde(with = "hex")]
    pub digest_sum: u64,
    /// Exclusive or of all ortho hashes.
    #[serde(with = "hex")]
    pub digest_xor: u64,
    /// The cap, where one was set.
    pub max_filled: Option<u32>,
    /// Orthos that the previous text did not have; from the second text on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub new_orthos: Option<u64>,
}

/// The best ortho: largest volume, then most filled cells, then the smallest dims, then the smallest cells.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Optimal {
    /// Product of `dim - 1` over the dims.
    pub volume: u64,
    /// Filled cells.
    pub filled: u32,
    /// Length of each axis.
    pub dims: Vec<u32>,
    /// Cells in cell order: 0 where empty, word index + 1 elsewhere.
    pub cells: Vec<u32>,
    /// The cells' words, `null` where empty.
    pub tokens: Vec<Option<String>>,
}

impl Summary {
    /// Closes a text's tally. `word` gives the text of a word index, `previous` the summary of the
    /// text before.
    pub fn new(
        tally: &Tally,
        vocabulary: usize,
        word: impl Fn(u32) -> String,
        max_filled: Option<u32>,
        previous: Option<&Self>,
    ) -> Self {
        Self {
            vocabulary: vocabulary as u64,
            orthos: tally.orthos(),
            candidates: tally.candidates(),
            duplicates: tally.candidates() - tally.orthos(),
            leaves: tally.leaves(),
            at_cap: tally.at_cap(),
            levels: tally.levels().clone(),
            shapes: tally
                .shapes()
                .iter()
                .map(|(dims, &count)| (shape_name(dims), count))
                .collect(),
            optimal: tally.best().map(|best| Optimal {
                volume: best.volume(),
                filled: best.filled(),
                dims: best.dims().iter().map(|&dim| dim as u32).collect(),
                cells: best.cells().to_vec(),
                tokens: best
                    .cells()
                    .iter()
                    .map(|&cell| cell.checked_sub(1).map(&word))
                    .collect(),
            }),
            digest_sum: tally.digest_sum(),
            digest_xor: tally.digest_xor(),
            max_filled,
            new_orthos: previous.map(|previous| tally.orthos() - previous.orthos),
        }
    }

    /// The result of a text that changed nothing.
    pub fn unchanged(&self) -> Self {
        Self {
            new_orthos: Some(0),
            ..self.clone()
        }
    }
}

fn shape_name(dims: &[usize]) -> String {
    dims.iter()
        .map(usize::to_string)
        .collect::<Vec<_>>()
        .join("x")
}

/// A u64 as 16 lower-case hexadecimal digits.
mod hex {
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(value: &u64, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(&format_args!("{value:016x}"))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<u64, D::Error> {
        let text = String::deserialize(from)?;
        u64::from_str_radix(&text, 16).map_err(D::Error::custom)
    }
}
