//! The archive: its format, writing it, reading it back, and its digests.

mod compress;
mod file;
pub mod format;
mod meta;
mod writer;

pub use compress::{OneShot, stream};
pub use file::ArchiveFile;
pub use format::{BlockKind, Format};
pub use meta::MetaBuilder;
pub use writer::BlockWriter;
