//! Quantities as scenarios write them: `100 MiB`, `20 min`, `1.20 x baseline`, `10 %`, `3M/s`.

mod error;
mod number;
mod quantity;
mod size;
#[cfg(test)]
mod tests;
mod time;

pub(crate) use error::UnitError;
pub(crate) use quantity::{Quantity, expected, quantity};
pub(crate) use size::bytes;
pub(crate) use time::duration;
