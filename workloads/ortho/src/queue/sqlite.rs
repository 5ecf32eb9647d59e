//! Batches as rows of an SQLite table, one row an ortho.

use std::collections::VecDeque;
use std::ops::Range;
use std::path::{Path, PathBuf};

use plimsoll_workload::Bytes;
use rusqlite::{Connection, ErrorCode, params};
use tempfile::TempDir;

use super::batch::BatchError;
use super::disk::own_directory;
use super::{Batch, QueueError, Store};

/// A table of orthos by number, one transaction a batch.
///
/// The file is scratch and worth nothing after a crash, so the journal is in memory and nothing is
/// synced. Freed pages are used again: the file stays as large as the longest queue.
#[derive(Debug)]
pub struct SqliteStore {
    // Declared before the directory, so that the file is closed before it is removed.
    connection: Connection,
    batches: VecDeque<Stored>,
    next: i64,
    cache: u64,
    path: PathBuf,
    _directory: TempDir,
}

/// A batch in the table: the numbers of its orthos and the size of its records.
#[derive(Debug, Clone)]
struct Stored {
    numbers: Range<i64>,
    bytes: usize,
}

/// What went wrong under a batch.
#[derive(Debug, thiserror::Error)]
enum Fault {
    #[error(transparent)]
    Database(#[from] rusqlite::Error),
    #[error(transparent)]
    Batch(#[from] BatchError),
    #[error("{found} of {expected} orthos are in the table")]
    Missing { found: u64, expected: i64 },
}

impl SqliteStore {
    /// A store in a new directory under `scratch` whose page cache takes half of `buffer`.
    pub fn create(scratch: &Path, buffer: Bytes) -> Result<Self, QueueError> {
        let directory = own_directory(scratch)?;
        let path = directory.path().join("queue.sqlite");
        let cache = buffer.0 / 2;
        let connection =
            open(&path, cache).map_err(|error| tell("open", &path, 0, error.into()))?;
        Ok(Self {
            connection,
            batches: VecDeque::new(),
            next: 0,
            cache,
            path,
            _directory: directory,
        })
    }

    fn insert(&mut self, numbers: Range<i64>, batch: &Batch) -> Result<(), Fault> {
        let transaction = self.connection.transaction()?;
        let mut insert =
            transaction.prepare_cached("INSERT INTO queue (number, ortho) VALUES (?1, ?2)")?;
        for (number, record) in numbers.zip(batch.records()) {
            insert.execute(params![number, record?])?;
        }
        drop(insert);
        Ok(transaction.commit()?)
    }

    fn remove(&mut self, stored: Stored) -> Result<Batch, Fault> {
        let transaction = self.connection.transaction()?;
        let mut batch = Batch::with_capacity(stored.bytes);
        let mut select = transaction
            .prepare_cached("SELECT ortho FROM queue WHERE number < ?1 ORDER BY number")?;
        let mut rows = select.query([stored.numbers.end])?;
        while let Some(row) = rows.next()? {
            batch.push_record(row.get_ref(0)?.as_blob().map_err(rusqlite::Error::from)?);
        }
        drop(rows);
        drop(select);
        transaction
            .prepare_cached("DELETE FROM queue WHERE number < ?1")?
            .execute([stored.numbers.end])?;
        transaction.commit()?;
        let expected = stored.numbers.end - stored.numbers.start;
        if i64::try_from(batch.len()) != Ok(expected) {
            let found = batch.len();
            return Err(Fault::Missing { found, expected });
        }
        Ok(batch)
    }
}

impl Store for SqliteStore {
    fn append(&mut self, batch: &Batch) -> Result<(), QueueError> {
        let numbers = self.next..self.next + batch.len() as i64;
        self.insert(numbers.clone(), batch)
            .map_err(|fault| tell("write to", &self.path, batch.bytes().len() as u64, fault))?;
        self.next = numbers.end;
        self.batches.push_back(Stored {
            numbers,
            bytes: batch.bytes().len(),
        });
        Ok(())
    }

    fn take(&mut self) -> Result<Batch, QueueError> {
        let Some(stored) = self.batches.pop_front() else {
            return Ok(Batch::default());
        };
        self.remove(stored)
            .map_err(|fault| tell("read from", &self.path, 0, fault))
    }

    fn cache(&self) -> u64 {
        self.cache
    }

    fn path(&self) -> &Path {
        &self.path
    }
}

fn open(path: &Path, cache: u64) -> rusqlite::Result<Connection> {
    let connection = Connection::open(path)?;
    connection.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
    connection.pragma_update(None, "journal_mode", "MEMORY")?;
    connection.pragma_update(None, "synchronous", "OFF")?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    // A negative number is a size in KiB instead of a number of pages.
    let kibibytes = (cache / 1024).max(1);
    connection.pragma_update(None, "cache_size", -(kibibytes as i64))?;
    connection.execute_batch(
        "CREATE TABLE queue (number INTEGER PRIMARY KEY, ortho BLOB NOT NULL) STRICT",
    )?;
    Ok(connection)
}

fn tell(doing: &'static str, path: &Path, needed: u64, fault: Fault) -> QueueError {
    let path = path.to_path_buf();
    match fault {
        Fault::Database(error) => match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => QueueError::DiskFull {
                path,
                needed: Bytes(needed),
            },
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => QueueError::Damaged {
                path,
                why: error.to_string(),
            },
            _ => QueueError::Database {
                doing,
                path,
                message: error.to_string(),
            },
        },
        Fault::Batch(_) | Fault::Missing { .. } => QueueError::Damaged {
            path,
            why: fault.to_string(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fifo::HeapOrtho;

    fn batch(orthos: usize) -> Batch {
        let mut batch = Batch::default();
        for version in 0..orthos {
            batch.push(&HeapOrtho::seed(version)).unwrap();
        }
        batch
    }

    #[test]
    fn a_full_disk_is_told_and_undone() {
        let scratch = tempfile::tempdir().unwrap();
        let mut store = SqliteStore::create(scratch.path(), Bytes(1 << 20)).unwrap();
        store.append(&batch(10)).unwrap();
        store
            .connection
            .pragma_update(None, "max_page_count", 20)
            .unwrap();
        let error = store.append(&batch(100_000)).unwrap_err();
        assert!(matches!(error, QueueError::DiskFull { needed, .. } if needed.0 > 100_000));
        assert_eq!(store.take().unwrap(), batch(10));
        store.append(&batch(20)).unwrap();
        assert_eq!(store.take().unwrap(), batch(20));
    }

    #[test]
    fn rows_that_are_gone_are_damage() {
        let scratch = tempfile::tempdir().unwrap();
        let mut store = SqliteStore::create(scratch.path(), Bytes(1 << 20)).unwrap();
        store.append(&batch(10)).unwrap();
        store
            .connection
            .execute("DELETE FROM queue WHERE number = 3", [])
            .unwrap();
        let error = store.take().unwrap_err();
        assert!(error.to_string().contains("9 of 10 orthos"), "{error}");
    }
}
