//! Batches as entries of a redb table, one entry an ortho.

use std::collections::VecDeque;
use std::ops::Range;
use std::path::{Path, PathBuf};

use plimsoll_workload::Bytes;
use redb::{Database, Durability, TableDefinition};
use tempfile::TempDir;

use super::batch::BatchError;
use super::disk::own_directory;
use super::{Batch, QueueError, Store};

const QUEUE: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("queue");

/// A table of orthos by number, one transaction a batch, none of them synced.
pub struct RedbStore {
    // Declared before the directory, so that the file is closed before it is removed.
    database: Database,
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

/// What went wrong under a batch.
#[derive(Debug, thiserror::Error)]
enum Fault {
    #[error(transparent)]
    Database(#[from] redb::Error),
    #[error(transparent)]
    Batch(#[from] BatchError),
    #[error("{found} of {expected} orthos are in the table")]
    Missing { found: u64, expected: u64 },
}

impl RedbStore {
    /// A store in a new directory under `scratch` whose cache takes half of `buffer`.
    pub fn create(scratch: &Path, buffer: Bytes) -> Result<Self, QueueError> {
        let directory = own_directory(scratch)?;
        let path = directory.path().join("queue.redb");
        let cache = buffer.0 / 2;
        let database = Database::builder()
            .set_cache_size(cache as usize)
            .create(&path)
            .map_err(|error| tell("open", &path, 0, Fault::Database(error.into())))?;
        Ok(Self {
            database,
            batches: VecDeque::new(),
            next: 0,
            cache,
            path,
            _directory: directory,
        })
    }

    fn insert(&self, numbers: Range<u64>, batch: &Batch) -> Result<(), Fault> {
        self.transact(|table| {
            for (number, record) in numbers.zip(batch.records()) {
                table.insert(number, record?).map_err(redb::Error::from)?;
            }
            Ok(())
        })
    }

    fn remove(&self, stored: Stored) -> Result<Batch, Fault> {
        let expected = stored.numbers.end - stored.numbers.start;
        let mut batch = Batch::with_capacity(stored.bytes);
        self.transact(|table| {
            let entries = table
                .extract_from_if(stored.numbers, |_, _| true)
                .map_err(redb::Error::from)?;
            for entry in entries {
                let (_, record) = entry.map_err(redb::Error::from)?;
                batch.push_record(record.value());
            }
            Ok(())
        })?;
        if batch.len() == expected {
            Ok(batch)
        } else {
            let found = batch.len();
            Err(Fault::Missing { found, expected })
        }
    }

    /// Runs `work` in a transaction of its own, which counts only if `work` succeeds.
    fn transact(
        &self,
        work: impl FnOnce(&mut redb::Table<'_, u64, &[u8]>) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let mut transaction = self.database.begin_write().map_err(redb::Error::from)?;
        transaction
            .set_durability(Durability::None)
            .map_err(redb::Error::from)?;
        {
            let mut table = transaction.open_table(QUEUE).map_err(redb::Error::from)?;
            work(&mut table)?;
        }
        Ok(transaction.commit().map_err(redb::Error::from)?)
    }
}

impl Store for RedbStore {
    fn append(&mut self, batch: &Batch) -> Result<(), QueueError> {
        let numbers = self.next..self.next + batch.len();
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

fn tell(doing: &'static str, path: &Path, needed: u64, fault: Fault) -> QueueError {
    match fault {
        Fault::Database(redb::Error::Io(error)) => QueueError::io(doing, path, needed, error),
        Fault::Database(redb::Error::Corrupted(why)) => QueueError::Damaged {
            path: path.to_path_buf(),
            why,
        },
        Fault::Database(error) => QueueError::Database {
            doing,
            path: path.to_path_buf(),
            message: error.to_string(),
        },
        Fault::Batch(_) | Fault::Missing { .. } => QueueError::Damaged {
            path: path.to_path_buf(),
            why: fault.to_string(),
        },
    }
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::io;

    use redb::StorageBackend;
    use redb::backends::FileBackend;

    use super::*;
    use crate::fifo::HeapOrtho;

    fn batch(orthos: usize) -> Batch {
        let mut batch = Batch::default();
        for version in 0..orthos {
            batch.push(&HeapOrtho::seed(version)).unwrap();
        }
        batch
    }

    /// A file on a disk of 4 MiB.
    #[derive(Debug)]
    struct SmallDisk(FileBackend);

    impl StorageBackend for SmallDisk {
        fn len(&self) -> io::Result<u64> {
            self.0.len()
        }

        fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
            self.0.read(offset, out)
        }

        fn set_len(&self, len: u64) -> io::Result<()> {
            if len > 4 << 20 {
                return Err(io::ErrorKind::StorageFull.into());
            }
            self.0.set_len(len)
        }

        fn sync_data(&self) -> io::Result<()> {
            self.0.sync_data()
        }

        fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
            self.0.write(offset, data)
        }
    }

    #[test]
    fn a_full_disk_is_told() {
        let scratch = tempfile::tempdir().unwrap();
        let mut store = RedbStore::create(scratch.path(), Bytes(1 << 20)).unwrap();
        let path = scratch.path().join("small");
        let file = File::options()
            .read(true)
            .write(true)
            .create_new(true)
            .open(path);
        let file = FileBackend::new(file.unwrap());
        store.database = Database::builder()
            .create_with_backend(SmallDisk(file.unwrap()))
            .unwrap();
        store.append(&batch(10)).unwrap();
        let error = store.append(&batch(300_000)).unwrap_err();
        assert!(
            matches!(error, QueueError::DiskFull { needed, .. } if needed.0 > 300_000),
            "{error}"
        );
    }

    #[test]
    fn entries_that_are_gone_are_damage() {
        let scratch = tempfile::tempdir().unwrap();
        let mut store = RedbStore::create(scratch.path(), Bytes(1 << 20)).unwrap();
        store.append(&batch(10)).unwrap();
        store
            .transact(|table| {
                table.remove(3).map_err(redb::Error::from)?;
                Ok(())
            })
            .unwrap();
        let error = store.take().unwrap_err();
        assert!(error.to_string().contains("9 of 10 orthos"), "{error}");
    }

    #[test]
    fn pages_of_taken_batches_are_used_again() {
        let scratch = tempfile::tempdir().unwrap();
        let mut store = RedbStore::create(scratch.path(), Bytes(1 << 20)).unwrap();
        let mut after_ten = 0;
        for round in 0..100 {
            store.append(&batch(10_000)).unwrap();
            assert_eq!(store.take().unwrap().len(), 10_000);
            if round == 10 {
                after_ten = std::fs::metadata(&store.path).unwrap().len();
            }
        }
        let after_all = std::fs::metadata(&store.path).unwrap().len();
        assert!(after_all <= 2 * after_ten, "{after_ten}, then {after_all}");
    }
}
