//! Vectors of a store, decoded one by one.

use std::ops::Range;

use crate::lazy::LoadError;
use crate::lazy::blob::{decoded, of_length};
use crate::lazy::handle::Loader;
use crate::pool::{Pool, SharedChunk};

/// Records of a store, by index.
pub trait Records: Send + Sync {
    /// Values of a vector.
    fn dimension(&self) -> usize;

    /// Where the record's bytes lie in the file.
    ///
    /// # Errors
    /// There is no such record.
    fn extent(&self, index: u32) -> Result<Range<u64>, LoadError>;

    /// Tells the system that these bytes of the file will be read soon.
    fn will_need(&self, bytes: Range<u64>);

    /// Writes the record's vector, checked and decoded, to a row of [`dimension`](Self::dimension) values.
    ///
    /// # Errors
    /// There is no such record, it is damaged, or it cannot be read; what the row holds then is no vector.
    fn read(&self, index: u32, row: &mut [f32]) -> Result<(), LoadError>;
}

/// Loads vectors of a store into chunks of a pool.
pub struct RecordLoader<R> {
    records: R,
    pool: Pool,
}

impl<R: Records> RecordLoader<R> {
    /// Reads `records` into chunks of `pool`.
    ///
    /// # Errors
    /// The pool's chunks are not as long as a vector.
    pub fn new(records: R, pool: Pool) -> Result<Self, LoadError> {
        of_length(
            "a chunk of the pool",
            size_of::<f32>() * records.dimension(),
            pool.chunk_size(),
        )?;
        Ok(Self { records, pool })
    }

    /// The store's side.
    pub fn records(&self) -> &R {
        &self.records
    }

    /// Bytes of a loaded vector.
    pub(super) fn value_bytes(&self) -> usize {
        self.pool.chunk_size()
    }
}

impl<R: Records> Loader for RecordLoader<R> {
    fn load(&self, index: u32) -> Result<SharedChunk, LoadError> {
        decoded(&self.pool, |row| self.records.read(index, row))
    }
}

impl<R: std::fmt::Debug> std::fmt::Debug for RecordLoader<R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RecordLoader")
            .field("records", &self.records)
            .finish_non_exhaustive()
    }
}
