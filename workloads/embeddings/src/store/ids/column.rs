//! The ids as they lie in their file, read.

use std::fs::File;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::super::error::{IdsDamage, StoreError};
use super::super::mapping::Mapping;
use super::super::marks::Marks;
use super::super::medium::{Part, failed};
use super::super::open::Beginning;
use super::super::shape::PAGE;
use super::format::{BLOCK, Commit, ID, PER_BLOCK, State, at, block_at, end};

/// The ids of a store, by the numbers of their records.
#[derive(Debug)]
pub(in crate::store) struct Column {
    path: PathBuf,
    mapping: Arc<Mapping>,
    /// What was committed when the file was opened: of a block that was not full then, these ids have a checksum.
    opened: State,
    /// Blocks found whole.
    whole: Marks,
}

/// Reads what a file of ids says of the commit in force, and that it is long enough.
pub(super) fn state(
    file: &File,
    path: &Path,
    part: Part,
    commit: Commit,
) -> Result<State, StoreError> {
    let beginning = Beginning::of(file, path)?;
    let state = State::of_page(&beginning.page, part, commit);
    let state = state.map_err(|why| StoreError::Ids {
        path: path.to_owned(),
        why,
    })?;
    beginning.need(end(state.count), path)?;
    Ok(state)
}

impl Column {
    pub(super) fn new(path: &Path, mapping: Arc<Mapping>, opened: State) -> Self {
        Self {
            path: path.to_owned(),
            mapping,
            opened,
            whole: Marks::new(),
        }
    }

    /// Opens the file at `path`, if it is there, which must be this part of the store at this commit.
    pub(in crate::store) fn open(
        path: &Path,
        part: Part,
        commit: Commit,
    ) -> Result<Option<Self>, StoreError> {
        let file = match File::open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(failed("opening", path)(error)),
        };
        let state = state(&file, path, part, commit)?;
        let mapping = Mapping::to_read(&file, PAGE..end(state.count));
        let mapping = mapping.map_err(failed("mapping", path))?;
        Ok(Some(Self::new(path, mapping, state)))
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The CRC-32 of the records' last block when the file was opened, if it was not full.
    pub(super) fn data_crc(&self) -> u32 {
        self.opened.data_crc
    }

    /// Bytes in memory, but for the mapped ones.
    pub(in crate::store) fn bytes(&self) -> usize {
        self.whole.bytes()
    }

    /// Bytes of the file that `count` ids take.
    pub(in crate::store) fn file_bytes(count: u64) -> u64 {
        end(count)
    }

    /// The id of record `index` of the `count` that are committed.
    pub(in crate::store) fn id(&self, index: u64, count: u64) -> Result<u128, StoreError> {
        self.block(index / PER_BLOCK, count)?;
        let bytes = self.bytes_of(at(index)..at(index) + ID)?;
        Ok(number(bytes))
    }

    /// Calls `each` with the number and the id of each of these records, in order.
    pub(in crate::store) fn for_each(
        &self,
        records: Range<u64>,
        count: u64,
        mut each: impl FnMut(u64, u128),
    ) -> Result<(), StoreError> {
        let mut first = records.start;
        while first < records.end {
            let block = first / PER_BLOCK;
            self.block(block, count)?;
            let next = ((block + 1) * PER_BLOCK).min(records.end);
            let ids = self.bytes_of(at(first)..at(next - 1) + ID)?;
            for (index, id) in (first..next).zip(ids.chunks_exact(ID as usize)) {
                each(index, number(id));
            }
            first = next;
        }
        Ok(())
    }

    /// Numbers of the first and the last record of each damaged block.
    pub(in crate::store) fn damaged(&self, count: u64) -> Result<Vec<Range<usize>>, StoreError> {
        let mut damaged = Vec::new();
        for block in 0..count.div_ceil(PER_BLOCK) {
            if !self.is_whole(block, count)? {
                let records = self.records_of(block, count);
                damaged.push(records.start as usize..records.end as usize);
            }
        }
        Ok(damaged)
    }

    /// Fails where the ids of this block are not as they were written. Each block is looked at once.
    fn block(&self, block: u64, count: u64) -> Result<(), StoreError> {
        let number = block as usize;
        if self.whole.is_set(number) {
            return Ok(());
        }
        if !self.is_whole(block, count)? {
            let records = self.records_of(block, count);
            return Err(StoreError::Ids {
                path: self.path.clone(),
                why: IdsDamage::Checksum {
                    first: records.start as usize,
                    last: records.end.saturating_sub(1) as usize,
                },
            });
        }
        self.whole.set(number);
        Ok(())
    }

    fn records_of(&self, block: u64, count: u64) -> Range<u64> {
        block * PER_BLOCK..((block + 1) * PER_BLOCK).min(count)
    }

    fn is_whole(&self, block: u64, count: u64) -> Result<bool, StoreError> {
        let start = block_at(block);
        let full = PER_BLOCK * ID;
        if (block + 1) * PER_BLOCK <= count {
            let bytes = self.bytes_of(start..start + BLOCK)?;
            let (ids, rest) = bytes.split_at(full as usize);
            return Ok(crc32fast::hash(ids).to_le_bytes() == rest[..4]);
        }
        if block != self.opened.count / PER_BLOCK {
            // Begun by this process; its checksum comes when it is full.
            return Ok(true);
        }
        let ids = self.bytes_of(start..end(self.opened.count))?;
        Ok(crc32fast::hash(ids) == self.opened.tail_crc)
    }

    fn bytes_of(&self, range: Range<u64>) -> Result<&[u8], StoreError> {
        let bytes = self.mapping.bytes(range);
        bytes.ok_or_else(|| {
            let error = std::io::Error::other("these ids are not committed");
            failed("reading", &self.path)(error)
        })
    }
}

/// The id of 16 bytes.
fn number(bytes: &[u8]) -> u128 {
    let mut id = [0; ID as usize];
    id.copy_from_slice(bytes);
    u128::from_le_bytes(id)
}
