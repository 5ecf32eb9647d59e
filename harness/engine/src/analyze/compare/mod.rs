//! Stored results against one another, without anything being run.

mod logs;
mod method;
mod metric;
mod noise;
mod results;
mod said;
mod select;
mod shift;
#[cfg(test)]
mod simulation;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;

pub use results::{Choice, ResultSet, compare};
