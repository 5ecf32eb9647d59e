//! What a store takes.

use std::sync::PoisonError;

use super::ids::{Column, Sums};
use super::inner::Store;

/// Figures of an open store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoreStats {
    /// Records committed.
    pub records: u64,
    /// Records there is room for.
    pub capacity: u64,
    /// Commits, and one for the creation.
    pub generation: u64,
    /// Bytes of the file up to the end of the last record; mapped, and in memory as far as they are touched.
    pub file_bytes: u64,
    /// Bytes of the file of ids, likewise; 0 without ids.
    pub ids_bytes: u64,
    /// Bytes on the heap: the table of ids, once an id was sought.
    pub table_bytes: u64,
    /// Bytes on the heap: which records and ids were found whole.
    pub marks_bytes: u64,
    /// Bytes on the heap: the parameters.
    pub parameters_bytes: u64,
}

impl StoreStats {
    /// Bytes on the heap in all.
    #[must_use]
    pub fn heap_bytes(&self) -> u64 {
        self.table_bytes + self.marks_bytes + self.parameters_bytes
    }
}

impl Store {
    /// What it takes now.
    #[must_use]
    pub fn stats(&self) -> StoreStats {
        let inner = &*self.inner;
        let records = inner.count();
        let table = inner.table.read().unwrap_or_else(PoisonError::into_inner);
        let ids = inner.ids.as_ref();
        StoreStats {
            records,
            capacity: self.capacity(),
            generation: self.generation(),
            file_bytes: inner.at(records),
            ids_bytes: ids.map_or(0, |_| Column::file_bytes(records)),
            table_bytes: table.bytes() as u64,
            marks_bytes: (inner.whole.bytes()
                + ids.map_or(0, Column::bytes)
                + inner.sums.as_ref().map_or(0, Sums::bytes)) as u64,
            parameters_bytes: inner.parameters.len() as u64,
        }
    }
}
