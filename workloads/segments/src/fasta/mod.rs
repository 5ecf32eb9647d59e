//! FASTA files, read piece by piece or whole.

mod error;
mod lines;
mod records;
mod scan;
mod source;

pub use error::{InputError, ScanError};
pub use records::{Record, read_all};
pub use scan::{Sink, scan};
