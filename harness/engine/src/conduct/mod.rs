//! The conductor: runs a plan's trials in their order until every target is decided.
//!
//! It knows neither processes nor statistics: how a trial is run is the [`Executor`]'s business,
//! whether more rounds are needed is the judge's.

mod executor;
#[cfg(test)]
mod fake;
mod given_up;
mod one;
mod session;
#[cfg(test)]
mod tests;

pub use executor::Executor;
pub use session::{Conducted, at_least, conduct};
