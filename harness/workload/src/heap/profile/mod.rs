//! The sampled heap profile: which call sites hold the heap at its peak, at a cost that a full-size run can bear.
//!
//! **What is sampled.** Of the bytes that each thread allocates one in `every` is picked on average, the gaps between
//! picks drawn from the exponential distribution, and the allocation that a pick falls into is recorded: an allocation
//! of `s` bytes with probability 1 - exp(-s / every), whatever came before it. Each recorded one stands for all of its
//! kind by the inverse of that probability (Horvitz and Thompson 1952), so the estimates are unbiased, and their
//! variance is estimated from the same samples. Most others cost a subtraction; a free costs a look into a table of bytes.
//!
//! **What is kept.** Figures by call stack, live ones and those at the heap's peak, in a mapped file: there after any
//! death, and bounded by the number of different stacks. Addresses stay addresses; the harness finds their names.
//!
//! A program that it is loaded into from outside keeps one file a process in a directory.
//!
//! **What is not touched.** The allocator under test: its calls are the same, no block is larger, nothing is allocated
//! from it. Tables lie in memory of their own.

mod blocks;
mod chance;
mod layout;
mod lock;
mod map;
mod modules;
mod sites;
mod snapshot;
mod stack;
mod thread;

pub use layout::{DEEPEST, FLAG_C, MAGIC, SIZE, VERSION};
pub use snapshot::{Estimate, NotAProfile, SampledHeap, SampledSite};

pub(super) use map::{anothers, attach};
pub(super) use thread::{Sampler, allocate, allocated, freeing, may_be_sampled, prepare, resized};
