//! Batches as entries of a database's table, one entry an ortho: what the databases share.

use std::collections::VecDeque;
use std::ops::Range;
use std::path::{Path, PathBuf};

use plimsoll_workload::Bytes;
use tempfile::TempDir;

use super::batch::BatchError;
use super::disk::own_directory;
use super::{Batch, QueueError, Store};

/// A table of records by number in a database file. Each call is a transaction of its own, which
/// counts only if it succeeds.
pub trait Table: Sized {
    /// What the database says when something goes wrong.
    type Error;
    /// Name of the file.
    const FILE: &'static str;

    /// Makes the file, for a page cache of `cache` bytes.
    ///
    /// # Errors
    /// The database's.
    fn open(path: &Path, cache: u64) -> Result<Self, Self::Error>;

    /// Puts the orthos of a batch under these numbers, as many as it has.
    ///
    /// # Errors
    /// The database's, or a batch that cannot be read.
    fn insert(&mut self, numbers: Range<u64>, batch: &Batch)
    -> Result<(), TableFault<Self::Error>>;

    /// Moves what is under these numbers to the end of a batch, in their order; no number before
    /// them is taken.
    ///
    /// # Errors
    /// The database's.
    fn remove(&mut self, numbers: Range<u64>, into: &mut Batch) -> Result<(), Self::Error>;

    /// The database's word as the queue's: `doing` something with the file at `path`, for which
    /// `needed` more bytes were wanted.
    fn tell(error: Self::Error, doing: &'static str, path: &Path, needed: u64) -> QueueError;
}

/// What went wrong under a batch.
#[derive(Debug)]
pub enum TableFault<E> {
    /// In the database.
    Database(E),
    /// In the batch.
    Batch(BatchError),
}

impl<E> From<BatchError> for TableFault<E> {
    fn from(error: BatchError) -> Self {
        TableFault::Batch(error)
    }
}

/// A queue's batches in a [`Table`], one transaction each, none of them synced: the file is scratch
/// and worth nothing after a crash.
#[derive(Debug)]
pub struct TableStore<T> {
    // Declared before the directory, so that the file is closed before it is removed.
    pub(super) table: T,
    batches: VecDeque<Stored>,
    next: u64,
    cache: u64,
    path: PathBuf,
    _directory: TempDir,
}

/// A batch in the table: the numbers of its orthos and the size of its records.
#[derive(Debug, Clone)]
struct Stored {
    numbers: Range<u64>,
    bytes: usize,
}

impl<T: Table> TableStore<T> {
    /// A store in a new directory under `scratch` whose page cache takes half of `buffer`.
    ///
    /// # Errors
    /// The directory or the database cannot be made.
    pub fn create(scratch: &Path, buffer: Bytes) -> Result<Self, QueueError> {
        let directory = own_directory(scratch)?;
        let path = directory.path().join(T::FILE);
        let cache = buffer.0 / 2;
        let table = T::open(&path, cache).map_err(|error| T::tell(error, "open", &path, 0))?;
        Ok(Self {
            table,
            batches: VecDeque::new(),
            next: 0,
            cache,
            path,
            _directory: directory,
        })
    }

    fn damaged(&self, why: String) -> QueueError {
        QueueError::Damaged {
            path: self.path.clone(),
            why,
        }
    }
}

impl<T: Table> Store for TableStore<T> {
    fn append(&mut self, batch: &Batch) -> Result<(), QueueError> {
        let numbers = self.next..self.next + batch.len();
        let bytes = batch.bytes().len();
        match self.table.insert(numbers.clone(), batch) {
            Ok(()) => {}
            Err(TableFault::Batch(error)) => return Err(self.damaged(error.to_string())),
            Err(TableFault::Database(error)) => {
                return Err(T::tell(error, "write to", &self.path, bytes as u64));
            }
        }
        self.next = numbers.end;
        self.batches.push_back(Stored { numbers, bytes });
        Ok(())
    }

    fn take(&mut self) -> Result<Batch, QueueError> {
        let Some(Stored { numbers, bytes }) = self.batches.pop_front() else {
            return Ok(Batch::default());
        };
        let expected = numbers.end - numbers.start;
        let mut batch = Batch::with_capacity(bytes);
        self.table
            .remove(numbers, &mut batch)
            .map_err(|error| T::tell(error, "read from", &self.path, 0))?;
        if batch.len() == expected {
            Ok(batch)
        } else {
            let found = batch.len();
            Err(self.damaged(format!("{found} of {expected} orthos are in the table")))
        }
    }

    fn cache(&self) -> u64 {
        self.cache
    }

    fn path(&self) -> &Path {
        &self.path
    }
}
