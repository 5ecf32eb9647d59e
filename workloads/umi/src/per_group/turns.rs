//! The numbers that groups begin with, given out in their order.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use crate::error::Error;

/// Whose turn it is, and the next number.
#[derive(Debug, Default)]
struct State {
    turn: u64,
    number: u64,
    closed: bool,
}

/// Threads that wait for their turn.
#[derive(Debug, Default)]
pub(super) struct Turns {
    state: Mutex<State>,
    changed: Condvar,
}

/// Ends the waiting of all others, unless its holder's turn has come.
struct Guard<'a>(&'a Turns);

impl Drop for Guard<'_> {
    fn drop(&mut self) {
        self.0.lock().closed = true;
        self.0.changed.notify_all();
    }
}

impl Turns {
    /// Does `work`, which says how many numbers it needs, and waits for the turn of so many before it: the first of its
    /// numbers. A `work` that fails, or panics, ends the waiting of all.
    pub(super) fn take<T>(
        &self,
        turn: u64,
        work: impl FnOnce() -> Result<(T, u64), Error>,
    ) -> Result<(T, u64), Error> {
        let guard = Guard(self);
        let (made, count) = work()?;
        let mut state = self.lock();
        while state.turn != turn && !state.closed {
            state = self
                .changed
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
        if state.closed {
            return Err(Error::Elsewhere);
        }
        let number = state.number;
        state.number += count;
        state.turn += 1;
        drop(state);
        std::mem::forget(guard);
        self.changed.notify_all();
        Ok((made, number))
    }

    /// Numbers given out.
    pub(super) fn given(&self) -> u64 {
        self.lock().number
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
