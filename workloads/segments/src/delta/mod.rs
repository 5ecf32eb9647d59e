//! The delta of a text against a reference: its rule, two encoders, and the way back.

mod columns;
mod decode;
mod encoder;
pub mod extend;
pub mod hashed;
mod index;
mod rule;

pub use columns::Columns;
pub use decode::decode;
pub use encoder::{Against, Encoder};
