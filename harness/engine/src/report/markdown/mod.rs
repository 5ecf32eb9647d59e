//! The report as Markdown, small enough for a pull request comment.

mod details;
mod document;
mod escape;
mod heap;
mod memory;
mod summary;
mod table;
#[cfg(test)]
mod tests;

pub use document::markdown;
pub(crate) use escape::escape;
pub(super) use escape::{label, sentence, variant_name};
pub(super) use heap::heap_table;
pub(super) use table::table;
