//! Why a vector is not there.

use crate::pool::PoolError;

/// Why a vector is not there. Nobody keeps it: the next who asks has it loaded again.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// No such record.
    #[error("there is no record {index}: the store has {count}")]
    NoRecord {
        /// Which was asked for.
        index: u32,
        /// Records of the store.
        count: u64,
    },
    /// The bytes are not those that were written.
    #[error("{what} is damaged: its checksum is {found:08x}, not {expected:08x}")]
    Checksum {
        /// Whose bytes.
        what: String,
        /// CRC-32 that was written with them.
        expected: u32,
        /// CRC-32 that they have.
        found: u32,
    },
    /// Too few bytes, or too many.
    #[error("{what} has {found} bytes; {expected} belong to it")]
    Length {
        /// Whose bytes.
        what: String,
        /// How many there should be.
        expected: usize,
        /// How many there are.
        found: usize,
    },
    /// Vectors of another dimension are decoded here.
    #[error("the vector has {found} values where {expected} are decoded")]
    DimensionMismatch {
        /// Values of a vector here.
        expected: usize,
        /// Values of this one.
        found: usize,
    },
    /// It cannot be decompressed.
    #[error("the compressed vector cannot be decompressed: {0}")]
    Compression(#[from] lz4_flex::block::DecompressError),
    /// There is no memory to decode it into.
    #[error(transparent)]
    Pool(#[from] PoolError),
    /// The store could not read it.
    #[error(transparent)]
    Store(Box<dyn std::error::Error + Send + Sync>),
}
