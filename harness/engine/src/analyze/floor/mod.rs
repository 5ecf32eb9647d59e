//! The floor: the smallest memory cap under which a variant still completes with the right output.

mod attempt;
mod question;
mod search;
#[cfg(test)]
mod tests;

pub(crate) use attempt::cap_trouble;
pub use question::{floor, next_floor_trial};
