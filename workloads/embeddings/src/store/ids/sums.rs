//! Checksums of records that have none of their own: one for each 64 KiB of them.
//!
//! Four bytes for a code of 96 are 4 %. The sums of full blocks lie in a file like that of the ids, in place of ids; that of the
//! last block, as long as it is not full, is in its slots.

use std::fs::File;
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Arc;

use crc32fast::Hasher;

use super::super::error::{IdsDamage, StoreError};
use super::super::header::Header;
use super::super::marks::Marks;
use super::super::medium::{Part, Watch, failed};
use super::super::shape::Shape;
use super::column::Column;
use super::format::{BLOCK, Commit, sums_beside};
use super::pen::{IdsPen, Mark};

/// Bytes of so many records.
fn bytes_of(shape: Shape, records: u64) -> u64 {
    records.saturating_mul(shape.stride())
}

/// The state that the sums must have at this header.
fn commit(header: &Header) -> Commit {
    Commit {
        store_id: header.store_id,
        generation: header.generation,
        count: bytes_of(header.shape, header.count) / BLOCK,
    }
}

/// The sums of a store, read.
#[derive(Debug)]
pub(in crate::store) struct Sums {
    column: Column,
    shape: Shape,
    data_at: u64,
    /// Bytes of records when the file was opened.
    opened: u64,
    /// Blocks found whole.
    whole: Marks,
}

impl Sums {
    fn new(column: Column, header: &Header) -> Self {
        Self {
            column,
            shape: header.shape,
            data_at: header.data_at,
            opened: bytes_of(header.shape, header.count),
            whole: Marks::new(),
        }
    }

    /// Opens those of the store at `path` with this header, if it has any.
    pub(in crate::store) fn open(path: &Path, header: &Header) -> Result<Option<Self>, StoreError> {
        let column = Column::open(&sums_beside(path), Part::Sums, commit(header))?;
        Ok(column.map(|column| Self::new(column, header)))
    }

    /// Bytes in memory.
    pub(in crate::store) fn bytes(&self) -> usize {
        self.column.bytes() + self.whole.bytes()
    }

    /// Whether the blocks that a record lies in are whole, `count` records being committed; those that were found so are
    /// not looked at again, unless it is asked for.
    pub(in crate::store) fn is_whole(
        &self,
        index: u64,
        count: u64,
        file: &File,
        again: bool,
    ) -> Result<bool, StoreError> {
        let record = bytes_of(self.shape, index)..bytes_of(self.shape, index + 1);
        for block in record.start / BLOCK..record.end.div_ceil(BLOCK) {
            let number = block as usize;
            if !again && self.whole.is_set(number) {
                continue;
            }
            if !self.is_block_whole(block, count, file)? {
                return Ok(false);
            }
            self.whole.set(number);
        }
        Ok(true)
    }

    /// Records, of the `count` that are committed, which lie in damaged blocks.
    pub(in crate::store) fn damaged(
        &self,
        count: u64,
        file: &File,
    ) -> Result<Vec<usize>, StoreError> {
        let stride = self.shape.stride();
        let mut damaged = Vec::new();
        for block in 0..bytes_of(self.shape, count).div_ceil(BLOCK) {
            if !self.is_block_whole(block, count, file)? {
                let records = block * BLOCK / stride..((block + 1) * BLOCK).div_ceil(stride);
                damaged.extend(records.start as usize..records.end.min(count) as usize);
            }
        }
        damaged.dedup();
        Ok(damaged)
    }

    fn is_block_whole(&self, block: u64, count: u64, file: &File) -> Result<bool, StoreError> {
        let committed = bytes_of(self.shape, count);
        let start = block * BLOCK;
        let (end, expected) = if start + BLOCK <= committed {
            let sum = self.column.id(block, committed / BLOCK)?;
            (start + BLOCK, sum as u32)
        } else if block == self.opened / BLOCK {
            (self.opened, self.column.data_crc())
        } else {
            // Begun by this process; its sum comes when it is full.
            return Ok(true);
        };
        let crc = crc_of(file, self.data_at + start..self.data_at + end);
        let crc = crc.map_err(failed("reading the records of", self.column.path()))?;
        Ok(crc.finalize() == expected)
    }
}

/// The running checksum of these bytes of a file, at most a block.
fn crc_of(file: &File, range: Range<u64>) -> std::io::Result<Hasher> {
    let mut bytes = vec![0; (range.end - range.start) as usize];
    file.read_exact_at(&mut bytes, range.start)?;
    let mut crc = Hasher::new();
    crc.update(&bytes);
    Ok(crc)
}

/// Sums records that are appended.
#[derive(Debug)]
pub(in crate::store) struct SumsPen {
    pen: IdsPen,
    stride: u64,
    bytes: u64,
    /// Of the records' last block.
    tail: Hasher,
}

/// How far the sums were, to go back to.
#[derive(Debug, Clone)]
pub(in crate::store) struct SumsMark {
    pen: Mark,
    bytes: u64,
    tail: Hasher,
}

impl SumsPen {
    /// Begins sums in an empty file, those of a store with this header.
    pub(in crate::store) fn create(
        file: File,
        path: &Path,
        header: &Header,
        watch: Option<Arc<dyn Watch>>,
    ) -> Result<(Self, Sums), StoreError> {
        let stride = header.shape.stride();
        let blocks = header.capacity.saturating_mul(stride) / BLOCK;
        let (pen, column) = IdsPen::create(file, path, Part::Sums, header.store_id, blocks, watch)?;
        let sums = Self {
            pen,
            stride,
            bytes: 0,
            tail: Hasher::new(),
        };
        Ok((sums, Sums::new(column, header)))
    }

    /// Goes on with those of the store at `path`, whose records are in `records`, if it has any.
    pub(in crate::store) fn open(
        path: &Path,
        header: &Header,
        records: &File,
        watch: Option<Arc<dyn Watch>>,
    ) -> Result<Option<(Self, Sums)>, StoreError> {
        let stride = header.shape.stride();
        let blocks = header.capacity.saturating_mul(stride) / BLOCK;
        let path = sums_beside(path);
        let opened = IdsPen::open(&path, Part::Sums, commit(header), blocks, watch)?;
        let Some((pen, column)) = opened else {
            return Ok(None);
        };
        let bytes = bytes_of(header.shape, header.count);
        let first = bytes / BLOCK * BLOCK;
        let tail = crc_of(records, header.data_at + first..header.data_at + bytes);
        let tail = tail.map_err(failed("reading the records of", &path))?;
        if tail.clone().finalize() != column.data_crc() {
            return Err(StoreError::Ids {
                path,
                why: IdsDamage::Checksum {
                    first: (first / stride) as usize,
                    last: header.count.saturating_sub(1) as usize,
                },
            });
        }
        let sums = Self {
            pen,
            stride,
            bytes,
            tail,
        };
        Ok(Some((sums, Sums::new(column, header))))
    }

    /// Gives the file room for the sums of so many records, and returns how long it was.
    pub(in crate::store) fn grow(&mut self, capacity: u64) -> Result<u64, StoreError> {
        self.pen.grow(capacity.saturating_mul(self.stride) / BLOCK)
    }

    /// Takes back what `grow` gave.
    pub(in crate::store) fn cut(&mut self, length: u64) {
        self.pen.cut(length);
    }

    pub(in crate::store) fn mark(&self) -> SumsMark {
        SumsMark {
            pen: self.pen.mark(),
            bytes: self.bytes,
            tail: self.tail.clone(),
        }
    }

    /// Goes back to where it was; nothing was committed since.
    pub(in crate::store) fn back_to(&mut self, mark: SumsMark) {
        self.pen.back_to(mark.pen);
        (self.bytes, self.tail) = (mark.bytes, mark.tail);
    }

    /// Sums a record, for which there is room.
    pub(in crate::store) fn append(&mut self, mut record: &[u8]) -> Result<(), StoreError> {
        while !record.is_empty() {
            let left = (BLOCK - self.bytes % BLOCK) as usize;
            let (here, rest) = record.split_at(record.len().min(left));
            self.tail.update(here);
            self.bytes += here.len() as u64;
            if self.bytes.is_multiple_of(BLOCK) {
                let sum = std::mem::take(&mut self.tail).finalize();
                self.pen.append(sum.into())?;
            }
            record = rest;
        }
        Ok(())
    }

    /// Makes the sums durable, as those of this commit, which the store's header does not tell yet.
    pub(in crate::store) fn sync(&mut self, generation: u64) -> Result<(), StoreError> {
        self.pen.sync(generation, self.tail.clone().finalize())
    }

    /// Lets readers have the sums.
    pub(in crate::store) fn seal(&mut self) {
        self.pen.seal();
    }
}
