//! The meta block: building it, and reading it back.

mod builder;
mod catalog;
mod followers;
mod walk;

pub use builder::MetaBuilder;
pub(crate) use catalog::{Catalog, Differences};
pub(crate) use walk::{RecordRow, Row, SegmentRow, Walk};
