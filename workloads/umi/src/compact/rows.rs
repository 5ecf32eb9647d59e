//! Rows, and that their memory is counted.

use std::mem;
use std::ops::{Deref, DerefMut};

use crate::account::{Account, Held};

/// Rows in the order in which they came, or in that of the output.
#[derive(Debug)]
pub(super) struct Rows<T> {
    list: Vec<T>,
    held: Held,
    account: Account,
}

impl<T> Rows<T> {
    pub(super) fn new(account: Account) -> Self {
        Self {
            list: Vec::new(),
            held: account.hold(0),
            account,
        }
    }

    #[inline]
    pub(super) fn push(&mut self, row: T) {
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

    pub(super) fn clear(&mut self) {
        self.list.clear();
    }
}

impl<T> Deref for Rows<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.list
    }
}

impl<T> DerefMut for Rows<T> {
    fn deref_mut(&mut self) -> &mut [T] {
        &mut self.list
    }
}
