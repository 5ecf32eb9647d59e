//! Values of a scenario file that may be written in one of several ways.

mod bound;
mod choices;
mod command;
mod either;
mod measure;
mod size;
mod sweep;

pub(crate) use bound::BoundDoc;
pub(crate) use command::{MomentDoc, OutputDoc, WordsDoc};
pub(crate) use measure::{AffinityDoc, DhatDoc, InstructionsDoc, ProfileDoc, SamplingDoc};
pub(crate) use size::{RunsDoc, SizeDoc, WorkloadDoc};
pub(crate) use sweep::{SweepValuesDoc, SweepsDoc};
