//! Seeded vectors in clusters of clusters, each computable from its index alone, the same bits on every machine:
//! integers wrap around, reals are IEEE-754 without fused multiply-add, and no function is called but the square root.

mod generator;
mod mixture;
mod random;

pub use generator::{Generated, Generator, GeneratorError, Part};
pub use mixture::Profile;
