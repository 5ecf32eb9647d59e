//! The account of a run: what it believes it holds, part by part, and the most of it all at once.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;

use plimsoll_workload::{Context, Gauge};

/// All parts of a run together.
#[derive(Debug)]
pub(crate) struct Ledger<'a> {
    context: &'a Context,
    total: Arc<Total>,
}

#[derive(Debug, Default)]
struct Total {
    now: AtomicU64,
    peak: AtomicU64,
}

impl<'a> Ledger<'a> {
    pub(crate) fn new(context: &'a Context) -> Self {
        Self {
            context,
            total: Arc::default(),
        }
    }

    /// The part of this name.
    pub(crate) fn part(&self, name: &str) -> Account {
        Account {
            gauge: self.context.ledger(name),
            total: Arc::clone(&self.total),
        }
    }

    /// The most bytes that all parts have held at once.
    pub(crate) fn peak(&self) -> u64 {
        self.total.peak.load(Relaxed)
    }
}

/// One part of a run.
#[derive(Debug, Clone)]
pub(crate) struct Account {
    gauge: Gauge,
    total: Arc<Total>,
}

impl Account {
    /// Counts so many bytes until what is given back is dropped.
    pub(crate) fn hold(&self, bytes: u64) -> Held {
        let mut held = Held {
            account: self.clone(),
            bytes: 0,
        };
        held.set(bytes);
        held
    }
}

/// Bytes that are counted.
#[derive(Debug)]
pub(crate) struct Held {
    account: Account,
    bytes: u64,
}

impl Held {
    /// Counts so many in their place.
    pub(crate) fn set(&mut self, bytes: u64) {
        let Account { gauge, total } = &self.account;
        if bytes > self.bytes {
            let more = bytes - self.bytes;
            gauge.add(more);
            let now = total.now.fetch_add(more, Relaxed) + more;
            total.peak.fetch_max(now, Relaxed);
        } else if bytes < self.bytes {
            gauge.sub(self.bytes - bytes);
            total.now.fetch_sub(self.bytes - bytes, Relaxed);
        }
        self.bytes = bytes;
    }

    /// Counts what a list has room for.
    pub(crate) fn set_list<T>(&mut self, list: &Vec<T>) {
        self.set(heap_bytes(list));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_peak_is_that_of_all_parts_together() {
        let context = Context::detached(std::path::Path::new("."));
        let ledger = Ledger::new(&context);
        let one = ledger.part("one").hold(100);
        let mut two = ledger.part("two").hold(10);
        two.set(50);
        drop(one);
        two.set(120);
        assert_eq!(ledger.peak(), 150);
        two.set(1);
        drop(two);
        assert_eq!(ledger.total.now.load(Relaxed), 0);
    }
}
