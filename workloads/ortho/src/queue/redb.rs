//! Batches as entries of a redb table.

use std::ops::Range;
use std::path::Path;

use redb::{Database, Durability, TableDefinition};

use super::table::{Table, TableFault, TableStore};
use super::{Batch, QueueError};

const QUEUE: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("queue");

/// Batches in a redb table.
pub type RedbStore = TableStore<Redb>;

/// A redb database of one table.
pub struct Redb(Database);

impl From<redb::Error> for TableFault<redb::Error> {
    fn from(error: redb::Error) -> Self {
        TableFault::Database(error)
    }
}

impl Redb {
    /// Runs `work` in a transaction of its own, which counts only if `work` succeeds.
    fn transact<E: From<redb::Error>>(
        &self,
        work: impl FnOnce(&mut redb::Table<'_, u64, &[u8]>) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut transaction = self.0.begin_write().map_err(redb::Error::from)?;
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

impl Table for Redb {
    type Error = redb::Error;
    const FILE: &'static str = "queue.redb";

    fn open(path: &Path, cache: u64) -> Result<Self, redb::Error> {
        let mut builder = Database::builder();
        Ok(Redb(builder.set_cache_size(cache as usize).create(path)?))
    }

    fn insert(
        &mut self,
        numbers: Range<u64>,
        batch: &Batch,
    ) -> Result<(), TableFault<redb::Error>> {
        self.transact(|table| {
            for (number, record) in numbers.zip(batch.records()) {
                table.insert(number, record?).map_err(redb::Error::from)?;
            }
            Ok(())
        })
    }

    fn remove(&mut self, numbers: Range<u64>, into: &mut Batch) -> Result<(), redb::Error> {
        self.transact(|table| {
            for entry in table.extract_from_if(numbers, |_, _| true)? {
                into.push_record(entry?.1.value());
            }
            Ok(())
        })
    }

    fn tell(error: redb::Error, doing: &'static str, path: &Path, needed: u64) -> QueueError {
        match error {
            redb::Error::Io(error) => QueueError::io(doing, path, needed, error),
            redb::Error::Corrupted(why) => QueueError::Damaged {
                path: path.to_path_buf(),
                why,
            },
            error => QueueError::Database {
                doing,
                path: path.to_path_buf(),
                message: error.to_string(),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::io;

    use plimsoll_workload::Bytes;
    use redb::StorageBackend;
    use redb::backends::FileBackend;

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
        let small = Database::builder().create_with_backend(SmallDisk(file.unwrap()));
        store.table = Redb(small.unwrap());
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
        let removed = store.table.transact(|table| {
            table.remove(3)?;
            Ok::<(), redb::Error>(())
        });
        removed.unwrap();
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
                after_ten = std::fs::metadata(store.path()).unwrap().len();
            }
        }
        let after_all = std::fs::metadata(store.path()).unwrap().len();
        assert!(after_all <= 2 * after_ten, "{after_ten}, then {after_all}");
    }
}
