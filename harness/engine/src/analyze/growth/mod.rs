//! How a metric grows with a size: candidate models fitted to medians by size, chosen between,
//! and followed beyond the largest size with an interval. Method: `docs/statistics.md`, "Growth".

mod choose;
mod fit;
mod interval;
mod model;
#[cfg(test)]
mod tests;

pub use choose::{Candidate, Growth};
pub use interval::{GROWTH_LEVEL, Range};
pub use model::{Curve, Model, Shape};
