//! Templates as rows of thirty-two bytes over the inflated blocks that their records lie in: a record is never copied until
//! it is written, and no template has memory of its own.
//!
//! One thread at a time cuts segments into groups and numbers them; any of them write what is numbered, a slice of at
//! most a segment's size at a time, also of a group that is much larger. Where memory is bounded, the records of such a
//! group are packed, and go to files unless they are to stay in memory.

mod batch;
mod cutter;
mod files;
mod group;
mod kept;
mod large;
mod limit;
mod parallel;
mod row;
mod rows;
mod segments;
mod stages;
mod tag;

pub(crate) use parallel::sort;
pub(crate) use row::Placed;
pub(crate) use stages::{bounded, group};
