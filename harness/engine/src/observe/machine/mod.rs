//! What the machine is, as far as it bears on the figures.

mod cpu;
mod describe;

pub use describe::{describe, memory_available};
