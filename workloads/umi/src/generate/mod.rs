//! Seeded files of any size: pairs of 150 bases in template-coordinate order, written as they are made.
//!
//! The same parameters give the same records on any number of threads: every chunk of templates has its own stream of
//! random numbers, and its own stretch of the references.

mod chunk;
mod plan;
mod random;
mod record;
mod write;

pub use plan::Shape;
pub(crate) use write::write;
