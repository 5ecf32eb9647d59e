//! What every implementation's run has in common: two steps, what is timed in them, and what is reported.

mod asking;
mod building;
mod chunks;
mod steps;

pub(crate) use asking::{Loaded, ask};
pub(crate) use building::Building;
pub(crate) use chunks::Chunks;
pub(crate) use steps::{Job, Steps, run};
