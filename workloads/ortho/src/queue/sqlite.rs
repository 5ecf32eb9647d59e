//! Batches as rows of an SQLite table.

use std::ops::Range;
use std::path::Path;

use plimsoll_workload::Bytes;
use rusqlite::{Connection, ErrorCode, params};

use super::table::{Table, TableFault, TableStore};
use super::{Batch, QueueError};

/// Batches in an SQLite table.
pub type SqliteStore = TableStore<Sqlite>;

/// An SQLite database of one table. The journal is in memory and nothing is synced. Freed pages
/// are used again: the file stays as large as the longest queue.
#[derive(Debug)]
pub struct Sqlite(Connection);

impl From<rusqlite::Error> for TableFault<rusqlite::Error> {
    fn from(error: rusqlite::Error) -> Self {
        TableFault::Database(error)
    }
}

/// As SQLite keeps it; no queue comes to 2^63 orthos.
fn signed(number: u64) -> i64 {
    number as i64
}

impl Table for Sqlite {
    type Error = rusqlite::Error;
    const FILE: &'static str = "queue.sqlite";

    fn open(path: &Path, cache: u64) -> rusqlite::Result<Self> {
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
        Ok(Sqlite(connection))
    }

    fn insert(
        &mut self,
        numbers: Range<u64>,
        batch: &Batch,
    ) -> Result<(), TableFault<rusqlite::Error>> {
        let transaction = self.0.transaction()?;
        let mut insert =
            transaction.prepare_cached("INSERT INTO queue (number, ortho) VALUES (?1, ?2)")?;
        for (number, record) in numbers.zip(batch.records()) {
            insert.execute(params![signed(number), record?])?;
        }
        drop(insert);
        Ok(transaction.commit()?)
    }

    fn remove(&mut self, numbers: Range<u64>, into: &mut Batch) -> rusqlite::Result<()> {
        let end = signed(numbers.end);
        let transaction = self.0.transaction()?;
        let mut select = transaction
            .prepare_cached("SELECT ortho FROM queue WHERE number < ?1 ORDER BY number")?;
        let mut rows = select.query([end])?;
        while let Some(row) = rows.next()? {
            into.push_record(row.get_ref(0)?.as_blob()?);
        }
        drop(rows);
        drop(select);
        transaction
            .prepare_cached("DELETE FROM queue WHERE number < ?1")?
            .execute([end])?;
        transaction.commit()
    }

    fn tell(error: rusqlite::Error, doing: &'static str, path: &Path, needed: u64) -> QueueError {
        let path = path.to_path_buf();
        match error.sqlite_error_code() {
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
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Store;
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
            .table
            .0
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
            .table
            .0
            .execute("DELETE FROM queue WHERE number = 3", [])
            .unwrap();
        let error = store.take().unwrap_err();
        assert!(error.to_string().contains("9 of 10 orthos"), "{error}");
    }
}
