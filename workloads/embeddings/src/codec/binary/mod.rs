//! Binary quantisation: the sign of each value.

mod codec;
mod planes;
mod signs;

pub use codec::{Binary, BinaryQuery};
