//! A run's inputs: the samples that `prepare` leaves in a directory, generated or given, and what they hold.

mod digest;
mod key;
mod manifest;
mod name;
mod prepare;

pub use digest::RecordsDigest;
pub use manifest::{Inputs, Sample};
pub use name::sample_name;
