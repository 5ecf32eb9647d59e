//! Reading records: borrowed from the mapping, decoded, or copied from the file.

use std::fs::File;
use std::io::{self, IoSliceMut};
use std::os::unix::fs::FileExt;

use rustix::io::preadv;

use super::error::StoreError;
use super::inner::Store;
use super::medium::failed;
use super::options::Checks;
use crate::codec::Codec;
use crate::encoding::Encoding;

// Rows of `f32` are borrowed as they lie in the file, which is little-endian.
const _: () = assert!(cfg!(target_endian = "little"));

/// Most bytes of a record that follow its payload: those that round it up to a multiple of four, and its checksum.
const MOST_REST: usize = 3 + 4;

/// Neighbouring records, as they lie in the file.
#[derive(Debug, Clone, Copy)]
pub struct Records<'a> {
    /// Number of the first.
    pub first: usize,
    /// All their bytes: each payload at the beginning of its `stride`.
    pub bytes: &'a [u8],
    /// Bytes from a record to the next.
    pub stride: usize,
}

impl Records<'_> {
    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.bytes.len() / self.stride
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }
}

impl Store {
    /// The payload of a record, borrowed.
    ///
    /// # Errors
    /// No such record, or a damaged one.
    pub fn get(&self, index: usize) -> Result<&[u8], StoreError> {
        let number = self.committed(index)?;
        let inner = &*self.inner;
        let at = inner.at(number);
        let record = inner.mapping.bytes(at..at + inner.shape.stride());
        let record = record.ok_or_else(|| {
            let error = io::Error::other("the record is not mapped");
            failed("reading", &inner.path)(error)
        })?;
        self.check(index, record)?;
        Ok(&record[..self.payload()])
    }

    /// The row of a record of [`Encoding::F32`], borrowed.
    ///
    /// # Errors
    /// As [`get`](Self::get), and a store of another encoding.
    pub fn row(&self, index: usize) -> Result<&[f32], StoreError> {
        let payload = self.get(index)?;
        let other = || StoreError::EncodingMismatch {
            path: self.inner.path.clone(),
            expected: Encoding::F32,
            found: self.encoding(),
        };
        if self.encoding() != Encoding::F32 {
            return Err(other());
        }
        // The mapping begins on a page, and so do the records; their stride is a multiple of four.
        bytemuck::try_cast_slice(payload).map_err(|_| other())
    }

    /// Decodes a record into a row of the store's dimension.
    ///
    /// # Errors
    /// As [`get`](Self::get); a row of another length, or a codec of another encoding or dimension.
    pub fn decode_into(
        &self,
        index: usize,
        codec: &dyn Codec,
        row: &mut [f32],
    ) -> Result<(), StoreError> {
        self.codes(codec)?;
        need(self.dimension(), row.len())?;
        codec.decode(self.get(index)?, row);
        Ok(())
    }

    /// Copies the payload of a record from the file, past the mapping: what is read does not count as the process's memory,
    /// and a file that is cut short gives an error.
    ///
    /// # Errors
    /// As [`get`](Self::get); a buffer of another length than a payload, or a file that cannot be read.
    pub fn read_at(&self, index: usize, payload: &mut [u8]) -> Result<(), StoreError> {
        let number = self.committed(index)?;
        need(self.payload(), payload.len())?;
        let inner = &*self.inner;
        let at = inner.at(number);
        let reading = |error| failed("reading", &inner.path)(error);
        if inner.shape.checksums && self.is_unchecked(index) {
            let mut rest = [0; MOST_REST];
            let rest = &mut rest[..inner.shape.stride() as usize - payload.len()];
            read_both(&inner.file, at, payload, rest).map_err(reading)?;
            let crc = crc32fast::hash(payload).to_le_bytes();
            return self.found(index, rest.ends_with(&crc));
        }
        inner.file.read_exact_at(payload, at).map_err(reading)?;
        if inner.shape.checksums {
            return Ok(());
        }
        self.check_block(index)
    }

    /// All records that are committed, as they lie in the mapping, none of them checked.
    #[must_use]
    pub fn records(&self) -> Records<'_> {
        let inner = &*self.inner;
        let end = inner.at(inner.count());
        Records {
            first: 0,
            bytes: inner.mapping.bytes(inner.data_at..end).unwrap_or_default(),
            stride: inner.shape.stride() as usize,
        }
    }

    /// Fails for a codec that is not of this store's records.
    fn codes(&self, codec: &dyn Codec) -> Result<(), StoreError> {
        if codec.encoding() != self.encoding() {
            return Err(StoreError::EncodingMismatch {
                path: self.inner.path.clone(),
                expected: codec.encoding(),
                found: self.encoding(),
            });
        }
        if codec.dimension() != self.dimension() || codec.payload() != self.payload() {
            return Err(StoreError::DimensionMismatch {
                path: self.inner.path.clone(),
                expected: codec.dimension(),
                found: self.dimension(),
            });
        }
        Ok(())
    }

    /// Whether a record with a checksum is to be held against it when it is read.
    fn is_unchecked(&self, index: usize) -> bool {
        match self.inner.checks {
            Checks::FirstTouch => !self.inner.whole.is_set(index),
            Checks::Always => true,
            Checks::Never => false,
        }
    }

    /// Holds a record against its checksum, if that is due.
    pub(super) fn check(&self, index: usize, record: &[u8]) -> Result<(), StoreError> {
        if !self.inner.shape.checksums {
            return self.check_block(index);
        }
        if self.is_unchecked(index) {
            self.found(index, is_whole(record, self.payload()))?;
        }
        Ok(())
    }

    /// Holds the blocks that a record without a checksum lies in against theirs, if that is due.
    fn check_block(&self, index: usize) -> Result<(), StoreError> {
        let inner = &*self.inner;
        let sums = inner
            .sums
            .as_ref()
            .filter(|_| inner.checks != Checks::Never);
        let Some(sums) = sums else {
            return Ok(());
        };
        let again = inner.checks == Checks::Always;
        if sums.is_whole(index as u64, inner.count(), &inner.file, again)? {
            return Ok(());
        }
        Err(StoreError::RecordChecksum {
            path: inner.path.clone(),
            index,
        })
    }

    fn found(&self, index: usize, whole: bool) -> Result<(), StoreError> {
        if !whole {
            return Err(StoreError::RecordChecksum {
                path: self.inner.path.clone(),
                index,
            });
        }
        if self.inner.checks == Checks::FirstTouch {
            self.inner.whole.set(index);
        }
        Ok(())
    }
}

/// Whether a record with a checksum has that of its payload.
pub(super) fn is_whole(record: &[u8], payload: usize) -> bool {
    let crc = crc32fast::hash(&record[..payload]);
    record[record.len() - 4..] == crc.to_le_bytes()
}

/// Fills two buffers with what lies one after the other in a file, at one request if that gives all.
fn read_both(file: &File, at: u64, first: &mut [u8], second: &mut [u8]) -> io::Result<()> {
    let after = at + first.len() as u64;
    let both = &mut [IoSliceMut::new(first), IoSliceMut::new(second)];
    let length = both.iter().map(|part| part.len()).sum();
    if preadv(file, both, at) == Ok(length) {
        return Ok(());
    }
    file.read_exact_at(first, at)?;
    file.read_exact_at(second, after)
}

fn need(expected: usize, found: usize) -> Result<(), StoreError> {
    if expected == found {
        Ok(())
    } else {
        Err(StoreError::Length { expected, found })
    }
}
