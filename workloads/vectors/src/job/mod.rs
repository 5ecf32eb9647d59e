//! What every implementation's run has in common: two steps, what is timed in them, and what is reported.

mod asking;
mod building;
mod steps;

pub(crate) use asking::{Loaded, ask};
pub(crate) use building::Building;
pub(crate) use steps::{Job, Steps, run};
