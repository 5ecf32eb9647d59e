//! From a scenario and a size to trials in a definite order.

mod model;

pub use model::{Job, Plan, PlannedVariant, TrialSpec};
