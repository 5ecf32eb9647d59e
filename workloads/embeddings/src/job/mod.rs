//! What every implementation's run has in common: two steps, what is timed in them, and what is reported.

mod ingest;
mod lazy;
mod memory;
mod reading;
mod serve;
mod share;
mod steps;

pub(crate) use ingest::{Chunk, Chunks, id_of};
pub(crate) use serve::trace;
pub(crate) use share::FEWEST_READS;
pub(crate) use steps::{Candidate, Job, STEPS, Serving, run};
