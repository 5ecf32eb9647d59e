//! From a scenario and a size to trials in a definite order.

mod model;
#[cfg(test)]
pub(crate) mod testing;

pub use model::{Job, Plan, PlannedVariant, TrialSpec};
