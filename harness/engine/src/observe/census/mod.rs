//! Everything that holds memory in a process, taken at one instant.

mod blocks;
mod classify;
mod course;
mod pause;
mod smaps;
mod watch;

pub(crate) use watch::{CensusWatch, Figures};
