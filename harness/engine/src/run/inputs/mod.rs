//! Inputs: made once by the program itself, kept in a cache, in a known state when a trial begins.

mod ask;
mod cache;
mod entry;
mod error;
mod guard;
mod lock;
mod pages;
mod room;
mod source;

pub(super) use ask::Patience;
pub use ask::ProgramCommand;
pub use cache::{InputCache, Inputs};
pub use error::InputsError;
pub use pages::{drop_cached, warm};
pub use room::Cleaned;
pub use source::{InputSource, ProgramSource};

#[cfg(test)]
mod tests;
