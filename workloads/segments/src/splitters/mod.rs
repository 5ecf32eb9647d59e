//! Splitters: which k-mers of the reference genome every genome is cut at, and the set of them.

pub mod partitioned;
pub mod sorted;

mod reference;
mod set;

pub use reference::Reference;
pub use set::Splitters;
pub(crate) use set::{Bits, Filter};
