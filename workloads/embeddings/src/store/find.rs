//! Records by their ids.

use std::sync::PoisonError;

use super::error::StoreError;
use super::ids::{Column, Table, beside};
use super::inner::Store;

impl Store {
    /// The id of a record.
    ///
    /// # Errors
    /// No such record, no ids, or damaged ones.
    pub fn id(&self, index: usize) -> Result<u128, StoreError> {
        let index = self.committed(index)?;
        self.column()?.id(index, self.inner.count())
    }

    /// The record of an id: the last one, where several have it. The first call makes the table of all ids.
    ///
    /// # Errors
    /// No ids, or damaged ones.
    pub fn find(&self, id: u128) -> Result<Option<usize>, StoreError> {
        let column = self.column()?;
        // A thread that panicked left a table of fewer records than there are, at worst.
        let read = || {
            self.inner
                .table
                .read()
                .unwrap_or_else(PoisonError::into_inner)
        };
        let mut table = read();
        if table.covered() < self.inner.count() {
            drop(table);
            self.cover(column)?;
            table = read();
        }
        let count = self.inner.count();
        let found = table.find(id, |record| column.id(record.into(), count))?;
        Ok(found.map(|record| record as usize))
    }

    /// Brings the table up to what is committed.
    fn cover(&self, column: &Column) -> Result<(), StoreError> {
        let table = self.inner.table.write();
        let mut table = table.unwrap_or_else(PoisonError::into_inner);
        let count = self.inner.count();
        let more = count.saturating_sub(table.covered());
        if !table.has_room(more) {
            // The new one is made of the column, so the old one can go before it comes. It has room to grow in, but for the
            // first, which is often the last.
            let first = table.covered() == 0;
            let room = if first { count } else { count + count / 8 };
            *table = Table::default();
            *table = Table::for_records(room);
        }
        let from = table.covered();
        let mut result = Ok(());
        let each = |_, id| {
            if result.is_ok() {
                result = table.insert(id, |record| column.id(record.into(), count));
            }
        };
        column.for_each(from..count, count, each)?;
        result
    }

    fn column(&self) -> Result<&Column, StoreError> {
        self.inner.ids.as_ref().ok_or_else(|| StoreError::NoIds {
            path: beside(&self.inner.path),
        })
    }
}
