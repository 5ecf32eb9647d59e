//! The work queue of a breadth-first search: in memory, or in bounded memory with the rest on disk
//! by one of four ways of storing it.

mod batch;
mod buffered;
mod disk;
mod error;
mod mapping;
mod memory;
mod mmap;
mod redb;
mod sqlite;
mod table;
mod work_queue;

pub use batch::{Batch, BatchError};
pub use buffered::{BufferedQueue, Store};
pub use disk::DiskStore;
pub use error::QueueError;
pub use memory::MemoryQueue;
pub use mmap::MmapStore;
pub use redb::{Redb, RedbStore};
pub use sqlite::{Sqlite, SqliteStore};
pub use table::{Table, TableFault, TableStore};
pub use work_queue::WorkQueue;
