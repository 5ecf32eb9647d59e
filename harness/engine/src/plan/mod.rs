//! From a scenario and a size to trials in a definite order.

mod estimate;
mod kill;
mod make;
mod model;
mod order;
mod request;
mod sweep;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;

pub use estimate::{Earlier, EarlierVariant, Estimate, EstimateRow, estimate};
pub(crate) use kill::{Moment, moment};
pub use make::plan;
pub use model::{Job, Plan, PlannedVariant, TrialSpec};
pub use order::Order;
pub use request::{FloorRequest, PlanError, PlanRequest, parse_set};
pub use sweep::{PlannedPoint, PlannedSweep, PointIndex};
