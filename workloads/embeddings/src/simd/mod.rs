//! Loops for what the processor has, chosen at start; what they compute does not depend on it.

mod dispatch;
mod lanes;

pub use dispatch::Simd;
pub(crate) use dispatch::{Kind, compiled_for_each};
pub(crate) use lanes::{LANES, Lanes, with_lanes};
