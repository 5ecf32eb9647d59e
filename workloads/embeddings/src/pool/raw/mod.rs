//! The part of the pool that goes by addresses: all of its `unsafe`, and what makes it sound.
//!
//! - A [`Free`] is the right to one chunk. There is one at a time for each: made when the chunk is taken out of the set of free ones
//!   ([`Slab::hand_out`]), moved from list to list, within a [`Chunk`] or within all [`SharedChunk`]s that count one another, and
//!   ended when it is put back ([`Free::into_place`]).
//! - A slab is unmapped when all of its chunks are in that set, so the memory behind a [`Free`] is mapped. A core with a chunk in use
//!   is kept by its handles or, when these are gone, by itself, and it keeps its slabs.
//! - All bytes of a chunk were zeroed by the kernel when the slab was mapped, and written by owners since.
//! - A thread's list is entered by its thread, or by who holds the core's lock and has barred that thread ([`Biased`]).
#![allow(unsafe_code)]

mod biased;
mod chunk;
mod core;
mod local;
mod slab;
mod sync;

pub use self::core::Pool;
pub use chunk::{Chunk, SharedChunk};
pub(super) use slab::{Free, Slab};

use biased::Biased;

/// Free chunks that a thread keeps to itself.
type List = Biased<Vec<Free>>;
