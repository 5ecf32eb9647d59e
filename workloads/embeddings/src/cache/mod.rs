//! A cache with a budget in bytes: what it counts is what the process holds for it, the values, their blocks and the tables.
//!
//! [`Cache`] has the part that does not depend on who is kept: loading a value once however many ask, values that were replaced
//! meanwhile, the counts. A [`Policy`] keeps the values: [`Lru`] in one list behind one lock, [`Weighted`] and [`Adaptive`] by the
//! policy of the crate `quick_cache`, a relative of S3-FIFO that a scan does not empty.

mod adaptive;
mod control;
mod counters;
mod flights;
mod footprint;
mod ghosts;
mod lru;
mod policy;
mod read_through;
mod stats;
mod weighted;

pub use adaptive::{Adaptive, Bounds};
pub use footprint::Footprint;
pub use lru::Lru;
pub use policy::{Offer, Policy};
pub use read_through::Cache;
pub use stats::CacheStats;
pub use weighted::Weighted;
