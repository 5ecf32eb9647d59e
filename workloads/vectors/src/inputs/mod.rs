//! A run's inputs: vectors, queries and the true neighbours, as `prepare` leaves them in a directory.

mod directory;
mod prepare;

pub use directory::Inputs;
