//! Which vectors are made.

/// A set of made-up vectors.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Default,
    serde::Serialize,
    serde::Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum DataSet {
    /// Clusters with a latent structure of few directions and some noise, as embeddings of texts have it. Length 1.
    #[default]
    Default,
    /// Clusters of noise without structure: neighbours are nearly equidistant, the worst for any code. Length 1.
    Isotropic,
    /// Constant columns, columns of subnormals and of signed zeros, one column a thousand times wider, and copies: no
    /// length in common.
    Adversarial,
}

impl DataSet {
    /// Whether there is a latent part, and the weight of the noise.
    pub(super) const fn mixture(self) -> (bool, i32) {
        match self {
            Self::Default | Self::Adversarial => (true, 2),
            Self::Isotropic => (false, 16),
        }
    }
}
