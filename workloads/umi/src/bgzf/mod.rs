//! BGZF, the blocked gzip that BAM is kept in (SAM specification, section 4.1): framing here, (de)compression by
//! libdeflate.

mod block;
mod inflate;
mod runs;
mod write;

pub use block::{BlockProblem, EOF_BLOCK};
pub(crate) use inflate::Inflater;
pub use inflate::inflate_all;
pub(crate) use runs::{Compressed, RUN_BYTES, Runs};
pub use write::Deflater;
