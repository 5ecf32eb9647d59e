//! Gates rehearsed on the machine at hand: how often a verdict errs here, and how small a regression it sees.
//!
//! Ties the rooms together as [`conduct`](crate::conduct) does: real runs of a short program are recorded, and
//! gates are played on what they took, by the conductor and the judge that real sessions have.

mod gate;
mod rates;
mod record;

pub use gate::{Ended, Gate, Recording};
pub use rates::{Detection, Rates, Tally, rates};
pub use record::{Rehearsal, RehearsalError, rehearse};
