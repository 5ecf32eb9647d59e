//! The true nearest vectors of each query, by an exact scan, and how many of them an index has found.

mod distance;
mod kernel;
mod nearest;
mod recall;
mod scan;

pub use distance::squared_distance;
pub use nearest::Near;
pub use recall::recall;
pub use scan::{Truth, scan};
