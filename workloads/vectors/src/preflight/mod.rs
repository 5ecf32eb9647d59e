//! Holding a build against the memory there is, before it takes any: what is available, and the plan that fits.

mod available;
mod plan;

pub use available::{Available, Surroundings};
pub use plan::{Plan, plan};
