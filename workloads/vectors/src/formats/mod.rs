//! Files of vectors as the field exchanges them, read as streams of blocks, and written.
//!
//! | name ends with | holds |
//! |---|---|
//! | `.fvecs`, `.bvecs` | rows, each its dimension as i32, then f32 or bytes |
//! | `.ivecs` | the same of i32: ids of nearest neighbours |
//! | `.fbin`, `.u8bin` | u32 rows, u32 dimension, then all values, f32 or bytes |
//! | `.npy` | an array of NumPy's, versions 1 to 3: f8, f4, f2, u1 or i1, two axes in C order |
//!
//! Everything is little-endian. Values become f32, and must be finite.

mod copy;
mod element;
mod error;
mod file_rows;
mod format;
mod ids;
mod layout;
mod npy;
mod reader;
mod write;

pub use copy::copy_vectors;
pub use error::FileError;
pub use file_rows::FileRows;
pub use format::Format;
pub use ids::Ids;
pub use reader::VectorReader;
pub use write::write_vectors;

/// Most coordinates of a vector.
pub const MOST_DIMENSIONS: usize = 65_536;

/// One more than the most vectors of a file: ids have 31 bits.
pub const TOO_MANY_VECTORS: u64 = 1 << 31;

/// Bytes of a file that are in memory at once, but for rows that are longer.
pub(crate) const BLOCK: usize = 12 << 20;
