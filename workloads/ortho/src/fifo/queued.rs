//! The same search with a bounded queue that overflows to disk, and without a frontier. The ids
//! seen stay in memory.

use plimsoll_workload::{Context, Failure};

use super::frontier::NoFrontier;
use super::search::search;
use crate::queue::{BufferedQueue, DiskStore, MmapStore, RedbStore, SqliteStore};
use crate::{Options, Summary, Texts};

/// Overflows to chunk files of about a megabyte, written once, read once, deleted when consumed.
pub fn disk_queue(
    texts: &Texts,
    options: &Options,
    context: &Context,
) -> Result<Vec<Summary>, Failure> {
    search(texts, options, context, &mut NoFrontier, || {
        let store = DiskStore::create(context.scratch())?;
        Ok(BufferedQueue::new(store, options.buffer))
    })
}

/// Overflows to a ring in a memory-mapped file.
pub fn queue_mmap(
    texts: &Texts,
    options: &Options,
    context: &Context,
) -> Result<Vec<Summary>, Failure> {
    search(texts, options, context, &mut NoFrontier, || {
        let store = MmapStore::create(context.scratch())?;
        Ok(BufferedQueue::new(store, options.buffer))
    })
}

/// Overflows to a table of an SQLite database, one row an ortho.
pub fn queue_sqlite(
    texts: &Texts,
    options: &Options,
    context: &Context,
) -> Result<Vec<Summary>, Failure> {
    search(texts, options, context, &mut NoFrontier, || {
        let store = SqliteStore::create(context.scratch(), options.buffer)?;
        Ok(BufferedQueue::new(store, options.buffer))
    })
}

/// Overflows to a table of a redb database, one entry an ortho.
pub fn queue_redb(
    texts: &Texts,
    options: &Options,
    context: &Context,
) -> Result<Vec<Summary>, Failure> {
    search(texts, options, context, &mut NoFrontier, || {
        let store = RedbStore::create(context.scratch(), options.buffer)?;
        Ok(BufferedQueue::new(store, options.buffer))
    })
}
