//! Everything in memory, one phase after another: the baseline, and the first two steps away from it.
//!
//! All three load every segment, group them, encode group by group on a pool of threads, collect the packs, and write
//! them at the end. They differ in how a group's segments come to its writer, in `encode.rs` alone.

mod catalogue;
mod compressed;
mod encode;
mod group;
mod load;
mod prepared;
mod run;
mod tools;
mod write;
mod writer;

pub use run::{batch, borrowed, moved};
