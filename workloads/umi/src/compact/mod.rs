//! Templates as rows of forty bytes over the inflated blocks that their records lie in: a record is never copied until
//! it is written, and no template has memory of its own.
//!
//! One thread at a time cuts segments into groups and numbers them; any of them write what is numbered, a slice of at
//! most a segment's size at a time, also of a group that is much larger. Where memory is bounded, the records of such a
//! group go to files.

mod batch;
mod cutter;
mod files;
mod group;
mod kept;
mod limit;
mod row;
mod rows;
mod segments;
mod spill;
mod stages;

pub(crate) use stages::{bounded, group};
