//! A scenario: what is compared, how it is measured, and what is expected of it.

mod model;
mod target;

pub use model::{
    Affinity, Allocator, CommandSpec, DhatSetting, InputCache, Limits, Measure, OutputSpec, Params,
    Runs, Scenario, Size, Stdin, Variant, WorkloadRef,
};
pub use target::{Bound, Expectation, Target};
