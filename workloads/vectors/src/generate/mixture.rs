//! What the vectors are mixed from, and in which proportions.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The kinds of vectors that can be generated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Profile {
    /// 1,024 clusters well apart, as sentence embeddings have: easy to index.
    Standard,
    /// 32 clusters of a high inner dimension: tells good indexes from others.
    Hard,
}

/// Sizes and weights of the parts of a vector.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Mixture {
    pub(crate) topics: u64,
    pub(crate) subs: u64,
    pub(crate) basis: u64,
    pub(crate) latent: u64,
    pub(crate) mean: f32,
    pub(crate) topic: f32,
    pub(crate) sub: f32,
    pub(crate) local: f32,
    pub(crate) noise: f32,
    /// Exact copies, and near copies, of each 65,536 base vectors.
    pub(crate) copies: u64,
    pub(crate) near_copies: u64,
}

impl Profile {
    pub(crate) fn mixture(self) -> Mixture {
        let standard = Mixture {
            topics: 64,
            subs: 16,
            basis: 256,
            latent: 32,
            mean: 0.4,
            topic: 0.4,
            sub: 0.35,
            local: 0.7,
            noise: 0.15,
            copies: 64,
            near_copies: 256,
        };
        match self {
            Self::Standard => standard,
            Self::Hard => Mixture {
                topics: 16,
                subs: 2,
                basis: 1024,
                latent: 256,
                mean: 0.3,
                topic: 0.3,
                sub: 0.2,
                local: 0.9,
                noise: 0.6,
                ..standard
            },
        }
    }
}
