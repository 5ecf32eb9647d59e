//! Vectors of a store, decoded one by one.

use std::ops::Range;
use std::sync::Arc;

use crate::codec::Codec;
use crate::lazy::LoadError;
use crate::lazy::blob::{decode_payload, of_length};
use crate::lazy::handle::Loader;
use crate::pool::{Pool, SharedChunk};

/// Records of a store, by index.
pub trait Records: Send + Sync {
    /// Where the record's bytes lie in the file.
    ///
    /// # Errors
    /// There is no such record.
    fn extent(&self, index: u32) -> Result<Range<u64>, LoadError>;

    /// Tells the system that these bytes of the file will be read soon.
    fn will_need(&self, bytes: Range<u64>);

    /// Hands the record's payload, checked, to `read`, once.
    ///
    /// # Errors
    /// There is no such record, it is damaged, or it cannot be read; `read` is not called then.
    fn payload(&self, index: u32, read: &mut dyn FnMut(&[u8])) -> Result<(), LoadError>;
}

/// Loads vectors of a store into chunks of a pool.
pub struct RecordLoader<R> {
    records: R,
    codec: Arc<dyn Codec>,
    pool: Pool,
}

impl<R: Records> RecordLoader<R> {
    /// Decodes what `records` gives by `codec` into chunks of `pool`.
    ///
    /// # Errors
    /// The pool's chunks are not as long as a vector of the codec's dimension.
    pub fn new(records: R, codec: Arc<dyn Codec>, pool: Pool) -> Result<Self, LoadError> {
        of_length(
            "a chunk of the pool",
            size_of::<f32>() * codec.dimension(),
            pool.chunk_size(),
        )?;
        Ok(Self {
            records,
            codec,
            pool,
        })
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
        let mut decoded = Err(LoadError::NoRecord { index, count: 0 });
        self.records.payload(index, &mut |payload| {
            decoded = decode_payload(&*self.codec, &self.pool, payload);
        })?;
        decoded
    }
}

impl<R: std::fmt::Debug> std::fmt::Debug for RecordLoader<R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RecordLoader")
            .field("records", &self.records)
            .field("encoding", &self.codec.encoding())
            .finish_non_exhaustive()
    }
}
