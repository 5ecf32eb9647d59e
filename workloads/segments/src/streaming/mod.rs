//! Everything at once: one thread reads, cuts and groups; the others encode, each the groups that are its own; blocks
//! are put back into order and written as they come. Records are whole in memory, one at a time; of a group remain
//! its reference and its open pack.

mod group;
mod hand;
mod pipeline;
mod reader;
mod worker;

pub(crate) use pipeline::streaming;
