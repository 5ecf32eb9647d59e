//! Rows, and that their memory is counted.

use std::mem;
use std::ops::{Deref, DerefMut};

use super::row::Row;
use crate::account::{Account, Held};

/// Rows in the order in which they came, or in that of the output.
#[derive(Debug)]
pub(super) struct Rows {
    list: Vec<Row>,
    held: Held,
    account: Account,
}

impl Rows {
    pub(super) fn new(account: Account) -> Self {
        Self {
            list: Vec::new(),
            held: account.hold(0),
            account,
        }
    }

    #[inline]
    pub(super) fn push(&mut self, row: Row) {
        if self.list.len() == self.list.capacity() {
            self.list.reserve(1);
            self.held.set_list(&self.list);
        }
        self.list.push(row);
    }

    /// The first rows, which are no longer among these.
    pub(super) fn take(&mut self, end: usize) -> Self {
        let mut rest = Self::new(self.account.clone());
        rest.list = self.list.split_off(end);
        rest.held.set_list(&rest.list);
        mem::replace(self, rest)
    }
}

impl Deref for Rows {
    type Target = [Row];

    fn deref(&self) -> &[Row] {
        &self.list
    }
}

impl DerefMut for Rows {
    fn deref_mut(&mut self) -> &mut [Row] {
        &mut self.list
    }
}

/// Bytes of so many rows.
pub(super) fn bytes_of(rows: usize) -> u64 {
    (rows * size_of::<Row>()) as u64
}
