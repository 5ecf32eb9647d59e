//! Handles on figures of the gauge page: one atomic operation each.

use std::sync::atomic::Ordering::Relaxed;

use crate::gauges::PageRef;

/// See [`Context::progress`](crate::Context::progress). Cheap to clone and to send to other threads.
#[derive(Debug, Clone)]
pub struct Progress {
    page: PageRef,
    slot: Option<usize>,
}

impl Progress {
    pub(crate) fn new(page: PageRef, slot: Option<usize>) -> Self {
        Self { page, slot }
    }

    /// Adds `n` done units.
    pub fn add(&self, n: u64) {
        if let Some(slot) = self.slot {
            self.page.progress[slot].done.fetch_add(n, Relaxed);
        }
    }

    /// Sets the done units.
    pub fn set(&self, n: u64) {
        if let Some(slot) = self.slot {
            self.page.progress[slot].done.store(n, Relaxed);
        }
    }
}

/// See [`Context::ledger`](crate::Context::ledger). Cheap to clone and to send to other threads.
#[derive(Debug, Clone)]
pub struct Gauge {
    page: PageRef,
    slot: Option<usize>,
}

impl Gauge {
    pub(crate) fn new(page: PageRef, slot: Option<usize>) -> Self {
        Self { page, slot }
    }

    /// Adds `bytes`.
    pub fn add(&self, bytes: u64) {
        if let Some(slot) = self.slot {
            self.page.ledger[slot]
                .bytes
                .fetch_add(bytes as i64, Relaxed);
        }
    }

    /// Takes `bytes` away.
    pub fn sub(&self, bytes: u64) {
        if let Some(slot) = self.slot {
            self.page.ledger[slot]
                .bytes
                .fetch_sub(bytes as i64, Relaxed);
        }
    }

    /// Sets the bytes held.
    pub fn set(&self, bytes: u64) {
        if let Some(slot) = self.slot {
            self.page.ledger[slot].bytes.store(bytes as i64, Relaxed);
        }
    }
}
