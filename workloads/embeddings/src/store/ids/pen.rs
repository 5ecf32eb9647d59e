//! The ids as they lie in their file, written.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Arc;

use crc32fast::Hasher;

use super::super::error::{IdsDamage, StoreError};
use super::super::medium::{Medium, Part, Watch, failed};
use super::super::shape::PAGE;
use super::column::{Column, state};
use super::format::{BLOCK, Commit, ID, PER_BLOCK, State, at, block_at, end, room};

/// Appends ids.
#[derive(Debug)]
pub(in crate::store) struct IdsPen {
    medium: Medium,
    part: Part,
    store_id: [u8; 16],
    count: u64,
    /// Of the ids of the last block.
    tail: Hasher,
}

/// How far a column was, to go back to.
#[derive(Debug, Clone)]
pub(in crate::store) struct Mark {
    count: u64,
    tail: Hasher,
}

/// Bytes of a file with room for so many ids.
fn length(path: &Path, capacity: u64) -> Result<u64, StoreError> {
    room(capacity).ok_or_else(|| StoreError::TooMany {
        path: path.to_owned(),
        records: capacity,
    })
}

impl IdsPen {
    /// Begins a column in an empty file.
    pub(in crate::store) fn create(
        file: File,
        path: &Path,
        part: Part,
        store_id: [u8; 16],
        capacity: u64,
        watch: Option<Arc<dyn Watch>>,
    ) -> Result<(Self, Column), StoreError> {
        let room = length(path, capacity)?;
        let state = State {
            generation: 0,
            count: 0,
            store_id,
            tail_crc: 0,
            part,
            data_crc: 0,
        };
        // There must be a page before it can be sealed up to.
        file.set_len(PAGE).map_err(failed("lengthening", path))?;
        Self::with(file, path, state, Hasher::new(), room, watch)
    }

    /// Goes on with the file at `path`, if it is there, which must be this part of the store at this commit.
    pub(in crate::store) fn open(
        path: &Path,
        part: Part,
        commit: Commit,
        capacity: u64,
        watch: Option<Arc<dyn Watch>>,
    ) -> Result<Option<(Self, Column)>, StoreError> {
        let file = match File::options().read(true).write(true).open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(failed("opening", path)(error)),
        };
        let state = state(&file, path, part, commit)?;
        let first = state.count / PER_BLOCK * PER_BLOCK;
        let mut ids = vec![0; ((state.count - first) * ID) as usize];
        let read = file.read_exact_at(&mut ids, at(first));
        read.map_err(failed("reading", path))?;
        let mut tail = Hasher::new();
        tail.update(&ids);
        if tail.clone().finalize() != state.tail_crc {
            return Err(StoreError::Ids {
                path: path.to_owned(),
                why: IdsDamage::Checksum {
                    first: first as usize,
                    last: state.count.saturating_sub(1) as usize,
                },
            });
        }
        let room = length(path, capacity)?;
        Self::with(file, path, state, tail, room, watch).map(Some)
    }

    fn with(
        file: File,
        path: &Path,
        state: State,
        tail: Hasher,
        room: u64,
        watch: Option<Arc<dyn Watch>>,
    ) -> Result<(Self, Column), StoreError> {
        let sealed = PAGE..end(state.count);
        let medium = Medium::new(state.part, Arc::new(file), path, sealed, room, watch)?;
        let column = Column::new(path, medium.mapping.clone(), state);
        let pen = Self {
            medium,
            part: state.part,
            store_id: state.store_id,
            count: state.count,
            tail,
        };
        Ok((pen, column))
    }

    /// Gives the file room for so many ids, and returns how long it was.
    pub(in crate::store) fn grow(&mut self, capacity: u64) -> Result<u64, StoreError> {
        let before = self.medium.held();
        self.medium.grow(length(&self.medium.path, capacity)?)?;
        Ok(before)
    }

    /// Takes back what `grow` gave.
    pub(in crate::store) fn cut(&mut self, length: u64) {
        self.medium.cut(length);
    }

    /// Where the column is.
    pub(in crate::store) fn mark(&self) -> Mark {
        Mark {
            count: self.count,
            tail: self.tail.clone(),
        }
    }

    /// Goes back to where it was; nothing was committed since.
    pub(in crate::store) fn back_to(&mut self, mark: Mark) {
        Mark {
            count: self.count,
            tail: self.tail,
        } = mark;
    }

    /// Appends an id, for which there is room.
    pub(in crate::store) fn append(&mut self, id: u128) -> Result<(), StoreError> {
        let bytes = id.to_le_bytes();
        self.medium.write(at(self.count), &bytes)?;
        self.tail.update(&bytes);
        self.count += 1;
        if self.count.is_multiple_of(PER_BLOCK) {
            let crc = std::mem::take(&mut self.tail).finalize();
            let at = block_at(self.count / PER_BLOCK) - BLOCK + PER_BLOCK * ID;
            self.medium.write(at, &crc.to_le_bytes())?;
        }
        Ok(())
    }

    /// Makes the ids durable, as those of this commit, which the store's header does not tell yet; of sums, with that of the
    /// records' last block.
    pub(in crate::store) fn sync(
        &mut self,
        generation: u64,
        data_crc: u32,
    ) -> Result<(), StoreError> {
        let state = State {
            generation,
            count: self.count,
            store_id: self.store_id,
            tail_crc: self.tail.clone().finalize(),
            part: self.part,
            data_crc,
        };
        self.medium.write(state.slot_at(), &state.slot())?;
        self.medium.sync(0..end(self.count))
    }

    /// Lets readers have the ids.
    pub(in crate::store) fn seal(&mut self) {
        self.medium.seal(end(self.count));
    }
}
