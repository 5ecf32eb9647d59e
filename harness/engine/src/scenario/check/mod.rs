//! From a document to a [`Scenario`](super::Scenario): every default filled in, every name resolved, every mistake
//! reported.

mod command;
mod expect;
mod kill;
mod limits;
mod matrix;
mod measure;
mod names;
mod params;
mod requires;
mod scenario;
mod sizes;
mod sweep;
mod targets;
mod variants;

pub(crate) use measure::floor_precision;
pub(crate) use params::{known_params, param_mismatch};
pub(crate) use scenario::check;
pub(crate) use sizes::SMOKE;
