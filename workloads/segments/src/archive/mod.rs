//! The archive: its format, writing it, reading it back, and its digests.

mod blocks;
mod compress;
mod decompress;
pub mod digest;
mod error;
mod file;
pub mod format;
mod frame;
mod meta;
mod packs;
mod raw;
mod read;
mod rebuild;
mod references;
mod source;
mod writer;

pub use compress::{OneShot, stream};
pub use decompress::RecordSink;
pub use error::{DecompressError, ReadError};
pub use file::ArchiveFile;
pub use format::{BlockKind, Format};
pub use meta::MetaBuilder;
pub use read::Archive;
pub use writer::BlockWriter;
