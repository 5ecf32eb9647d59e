//! Vectors that are decoded when they are first asked for, and batches that are fetched before they are.

mod blob;
mod error;
mod handle;
mod prefetch;
mod ranges;
mod records;
mod slot;
mod sync;

pub use blob::{Blob, BlobDecoder};
pub use error::LoadError;
pub use handle::{AfterDecoding, Handle, Loaded, Loader, Unloaded};
pub use prefetch::{Outcome, Prefetch};
pub use records::{RecordLoader, Records};
