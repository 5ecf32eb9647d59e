//! The summary at the end of a session, for a terminal of any width.

mod details;
mod lines;
mod style;
mod summary;
mod table;
#[cfg(test)]
mod tests;
mod variants;
mod verdicts;

pub(super) use lines::{alarm, faint_paragraph, paragraph, push, wrap};
pub use style::Style;
pub use summary::summary;
pub(super) use table::ruled;
