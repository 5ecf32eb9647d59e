//! The records of a store: as vectors, and as what lazy handles and caches load.

use std::cell::RefCell;
use std::ops::Range;
use std::sync::Arc;

use plimsoll_workload::Failure;

use super::kind::Reading;
use crate::codec::Codec;
use crate::encoding::Encoding;
use crate::lazy::{LoadError, Records};
use crate::store::{Store, StoreError};

/// A store and how its records are read. Clones are the same.
#[derive(Clone)]
pub(super) struct Source {
    pub(super) store: Store,
    pub(super) codec: Arc<dyn Codec>,
    pub(super) reading: Reading,
}

thread_local! {
    /// A payload copied from a file.
    static PAYLOAD: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

impl Source {
    /// The record of an id.
    pub(super) fn find(&self, id: u128) -> Result<usize, Failure> {
        let record = self.store.find(id)?;
        record.ok_or_else(|| Failure::Other(format!("there is no vector {id:032x}")))
    }

    /// Writes the vector of a record to `row`.
    pub(super) fn row(&self, record: usize, row: &mut [f32]) -> Result<(), StoreError> {
        match (self.reading, self.codec.encoding()) {
            (Reading::Mapped, Encoding::F32) => row.copy_from_slice(self.store.row(record)?),
            // Four bytes a value on a little-endian machine, which the store asks for.
            (Reading::Copied, Encoding::F32) => {
                self.store.read_at(record, bytemuck::cast_slice_mut(row))?;
            }
            (Reading::Mapped, _) => self.codec.decode(self.store.get(record)?, row),
            (Reading::Copied, _) => PAYLOAD.with_borrow_mut(|payload| {
                payload.resize(self.store.payload(), 0);
                self.store.read_at(record, payload)?;
                self.codec.decode(payload, row);
                Ok::<_, StoreError>(())
            })?,
        }
        Ok(())
    }
}

/// Places are counted from the first record.
impl Records for Source {
    fn dimension(&self) -> usize {
        self.codec.dimension()
    }

    fn extent(&self, index: u32) -> Result<Range<u64>, LoadError> {
        let count = self.store.len() as u64;
        if u64::from(index) >= count {
            return Err(LoadError::NoRecord { index, count });
        }
        let stride = self.store.shape().stride();
        let start = u64::from(index) * stride;
        Ok(start..start + stride)
    }

    fn will_need(&self, bytes: Range<u64>) {
        let stride = self.store.shape().stride();
        let records = bytes.start / stride..bytes.end.div_ceil(stride);
        let records: Vec<usize> = records.map(|record| record as usize).collect();
        self.store.will_need(&records);
    }

    fn read(&self, index: u32, row: &mut [f32]) -> Result<(), LoadError> {
        let read = self.row(index as usize, row);
        read.map_err(|error| LoadError::Store(error.into()))
    }
}
