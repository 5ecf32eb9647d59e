//! How many bytes may be on their way at once.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// Bytes handed out to what is on its way, at most a fixed number at once, or one item of any size alone.
#[derive(Debug)]
pub(super) struct Credit {
    limit: usize,
    state: Mutex<State>,
    returned: Condvar,
}

#[derive(Debug, Default)]
struct State {
    out: usize,
    closed: bool,
}

impl Credit {
    /// A credit of `limit` bytes.
    #[must_use]
    pub(super) fn new(limit: usize) -> Self {
        Self {
            limit,
            state: Mutex::default(),
            returned: Condvar::new(),
        }
    }

    /// Waits until `bytes` more may be on their way. False: the credit was closed, nothing will be taken any more.
    #[must_use]
    pub(super) fn take(&self, bytes: usize) -> bool {
        let fits = |state: &State| state.out == 0 || state.out + bytes <= self.limit;
        let mut state = self.lock();
        while !state.closed && !fits(&state) {
            state = self
                .returned
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
        state.out += bytes;
        !state.closed
    }

    /// Gives back bytes that arrived.
    pub(super) fn give(&self, bytes: usize) {
        self.lock().out -= bytes;
        self.returned.notify_one();
    }

    /// Nothing will arrive any more: whoever waits is told.
    pub(super) fn close(&self) {
        self.lock().closed = true;
        self.returned.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    #[test]
    fn an_item_larger_than_the_limit_passes_alone() {
        let credit = Credit::new(10);
        assert!(credit.take(100));
        credit.give(100);
        assert!(credit.take(4) && credit.take(6));
    }

    #[test]
    fn whoever_waits_goes_on_when_bytes_return_or_never_will() {
        for returns in [true, false] {
            let credit = Credit::new(10);
            assert!(credit.take(10));
            let (waiting, told) = mpsc::channel();
            std::thread::scope(|scope| {
                let waiter = scope.spawn(|| {
                    waiting.send(()).unwrap();
                    credit.take(1)
                });
                told.recv().unwrap();
                if returns {
                    credit.give(10);
                } else {
                    credit.close();
                }
                assert_eq!(waiter.join().unwrap(), returns);
            });
        }
    }
}
