//! Whether a store is whole.

use std::ops::Range;
use std::os::unix::fs::FileExt;

use super::error::StoreError;
use super::inner::Store;
use super::medium::failed;
use super::read::is_whole;

/// Bytes read at a time.
const CHUNK: usize = 1 << 20;

/// What of a store is damaged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// Records looked at.
    pub records: usize,
    /// Those that do not have their checksum, or lie in a block that does not.
    pub damaged: Vec<usize>,
    /// Neighbouring records whose ids do not have their checksum.
    pub damaged_ids: Vec<Range<usize>>,
}

impl Verified {
    /// Whether nothing is damaged.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.damaged.is_empty() && self.damaged_ids.is_empty()
    }
}

impl Store {
    /// Holds all committed records and ids against their checksums, reading the file in order, whatever was checked before.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn verify(&self) -> Result<Verified, StoreError> {
        let inner = &*self.inner;
        let (records, stride) = (self.len(), inner.shape.stride() as usize);
        let mut damaged = Vec::new();
        if inner.shape.checksums {
            let per_chunk = (CHUNK / stride).max(1);
            let mut chunk = vec![0; per_chunk.min(records.max(1)) * stride];
            for first in (0..records).step_by(per_chunk) {
                let bytes = &mut chunk[..per_chunk.min(records - first) * stride];
                let read = inner.file.read_exact_at(bytes, inner.at(first as u64));
                read.map_err(failed("reading", &inner.path))?;
                let found = bytes.chunks_exact(stride).zip(first..);
                let found = found.filter(|(record, _)| !is_whole(record, self.payload()));
                damaged.extend(found.map(|(_, index)| index));
            }
        }
        if let Some(sums) = &inner.sums {
            damaged = sums.damaged(records as u64, &inner.file)?;
        }
        let damaged_ids = match &inner.ids {
            Some(ids) => ids.damaged(records as u64)?,
            None => Vec::new(),
        };
        Ok(Verified {
            records,
            damaged,
            damaged_ids,
        })
    }
}
