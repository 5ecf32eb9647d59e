//! Counting the instructions that a program executes: by the processor, or by valgrind.

mod counter;
pub(crate) mod perf;
mod valgrind;

pub use counter::{InstructionCounter, NoCounter};
pub(crate) use valgrind::{arguments, counted};
