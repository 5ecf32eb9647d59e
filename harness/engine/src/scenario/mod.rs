//! A scenario: what is compared, how it is measured, and what is expected of it.

mod catalog;
pub(crate) mod check;
mod define;
mod document;
pub(crate) mod error;
#[cfg(test)]
pub(crate) mod fake;
mod forms;
mod load;
mod model;
mod read;
mod schema;
pub(crate) mod source;
mod sweep;
mod target;
#[cfg(test)]
mod tests;
mod units;
pub(crate) mod yaml;

pub use catalog::{ImplementationInfo, WorkloadInfo, Workloads};
pub use error::{Mistake, ScenarioError};
pub use load::{MAX_FILE, load, parse};
pub use model::{
    Affinity, AfterKill, Allocator, CommandSpec, CommandStep, DhatSetting, FloorSetting,
    InputCache, InstructionsSetting, Kill, KillMoment, Limits, Measure, OutputSpec, Params,
    Requirement, Runs, Scenario, Size, Stdin, Variant, WorkloadRef,
};
pub use schema::schema;
pub use sweep::{FEWEST_SIZES, FURTHEST, Place, Sweep};
pub use target::{Bound, Expectation, FLOOR, Target};
