//! The account of a run: what it believes it holds, part by part.

use plimsoll_workload::{Context, Gauge};

/// Bytes that are counted in a part of the ledger, until this is dropped.
#[derive(Debug)]
pub(crate) struct Held {
    gauge: Gauge,
    bytes: u64,
}

impl Held {
    /// Counts so many bytes in the part of this name.
    pub(crate) fn new(context: &Context, name: &str, bytes: u64) -> Self {
        let mut held = Self {
            gauge: context.ledger(name),
            bytes: 0,
        };
        held.set(bytes);
        held
    }

    /// Counts so many in their place.
    pub(crate) fn set(&mut self, bytes: u64) {
        match bytes.checked_sub(self.bytes) {
            Some(more) => self.gauge.add(more),
            None => self.gauge.sub(self.bytes - bytes),
        }
        self.bytes = bytes;
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.set(0);
    }
}

/// Bytes that a list has room for.
pub(crate) fn heap_bytes<T>(list: &Vec<T>) -> u64 {
    (list.capacity() * size_of::<T>()) as u64
}
