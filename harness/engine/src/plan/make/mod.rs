//! From a validated scenario and a request to a plan: overrides merged, variants and targets chosen.

mod choose;
mod sweeps;
mod targets;
mod variant;
mod whole;

pub use whole::plan;
