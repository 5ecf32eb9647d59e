//! A value that any number read at a time without waiting, and that one at a time puts there or takes out.
//!
//! One word says whether the value is there, and counts who reads it:
//!
//! - Who reads counts itself first, and touches the cell only if the value was there when it did. Else it takes itself off the count.
//! - The value is put there by who holds the lock, while it is not there: nobody else touches the cell then. Saying that it is there
//!   releases it to those who count themselves after.
//! - It is taken out by who holds the lock, who says that it is not there only if nobody is counted, both in one step. That acquires all
//!   that was done by those who were counted before; those who come after see that it is not there.
#![allow(unsafe_code)]

use std::fmt;
use std::ops::Deref;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};
use std::sync::{PoisonError, TryLockError};

use super::sync::{AtomicU32, Mutex, MutexGuard, UnsafeCell};

/// The value is there. What is below counts who reads it.
const THERE: u32 = 1 << 31;

/// So many read only if their guards were leaked.
const MOST: u32 = 1 << 30;

/// A place for a value, and what it is made of.
pub(super) struct Slot<T, S> {
    state: AtomicU32,
    value: UnsafeCell<Option<T>>,
    /// Apart: who reads what is there has less to go through.
    source: Box<Mutex<S>>,
}

// SAFETY: the value is handed out by reference to many, and moved in and out by any thread that holds the lock.
unsafe impl<T: Send + Sync, S: Send> Sync for Slot<T, S> {}

impl<T, S> Slot<T, S> {
    /// Without a value.
    pub(super) fn new(source: S) -> Self {
        Self {
            state: AtomicU32::new(0),
            value: UnsafeCell::new(None),
            source: Box::new(Mutex::new(source)),
        }
    }

    /// The value, if it is there.
    #[inline(always)]
    pub(super) fn read(&self) -> Option<Reading<'_, T, S>> {
        // Looked at first: a load is begun long before its turn, a count when all before it is done.
        if !self.is_there() {
            return None;
        }
        let before = self.state.fetch_add(1, Acquire);
        if before.wrapping_sub(THERE) < MOST {
            return Some(Reading { slot: self });
        }
        self.turned_away(before);
        None
    }

    #[cold]
    fn turned_away(&self, before: u32) {
        if before >= THERE {
            // Before the count runs over, there is an end.
            std::process::abort();
        }
        self.state.fetch_sub(1, Relaxed);
    }

    /// Whether the value is there.
    #[inline(always)]
    pub(super) fn is_there(&self) -> bool {
        self.state.load(Acquire) >= THERE
    }

    /// Waits for the lock. It is had even after a panic of who held it: the slot is whole after every step.
    pub(super) fn lock(&self) -> Keeper<'_, T, S> {
        let source = self.source.lock().unwrap_or_else(PoisonError::into_inner);
        Keeper { slot: self, source }
    }

    /// The lock, if nobody has it.
    pub(super) fn try_lock(&self) -> Option<Keeper<'_, T, S>> {
        let source = match self.source.try_lock() {
            Ok(source) => source,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            Err(TryLockError::WouldBlock) => return None,
        };
        Some(Keeper { slot: self, source })
    }
}

/// The value, read; it stays as long as this is there.
pub(super) struct Reading<'a, T, S> {
    /// Counted there, since the value was there.
    slot: &'a Slot<T, S>,
}

impl<T, S> Deref for Reading<'_, T, S> {
    type Target = T;

    #[inline(always)]
    fn deref(&self) -> &T {
        // SAFETY: the value is there, and is not taken out while this is counted.
        self.slot
            .value
            .with(|value| unsafe { (*value).as_ref().unwrap_unchecked() })
    }
}

impl<T, S> Drop for Reading<'_, T, S> {
    #[inline(always)]
    fn drop(&mut self) {
        self.slot.state.fetch_sub(1, Release);
    }
}

impl<T: fmt::Debug, S> fmt::Debug for Reading<'_, T, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

/// The lock, held.
pub(super) struct Keeper<'a, T, S> {
    slot: &'a Slot<T, S>,
    source: MutexGuard<'a, S>,
}

impl<'a, T, S> Keeper<'a, T, S> {
    /// What the value is made of.
    pub(super) fn source(&self) -> &S {
        &self.source
    }

    /// The value; where it is not there, `make` makes it of its source first.
    ///
    /// # Errors
    /// That of `make`. Nothing is put there then.
    pub(super) fn read_or_put<E>(
        &mut self,
        make: impl FnOnce(&mut S) -> Result<T, E>,
    ) -> Result<Reading<'a, T, S>, E> {
        let slot = self.slot;
        if slot.is_there()
            && let Some(reading) = slot.read()
        {
            return Ok(reading);
        }
        let made = make(&mut self.source)?;
        // SAFETY: the value is not there, and stays so as long as the lock is held.
        slot.value.with_mut(|value| unsafe { *value = Some(made) });
        // It is there, and read by one.
        slot.state.fetch_add(THERE + 1, Release);
        Ok(Reading { slot })
    }

    /// Takes the value out, if it is there, nobody reads it, and `may` says so.
    pub(super) fn take_if(&mut self, may: impl FnOnce(&T) -> bool) -> Option<T> {
        let slot = self.slot;
        let taken = slot.state.compare_exchange(THERE, 0, Acquire, Relaxed);
        taken.ok()?;
        // SAFETY: the value is not there any more, nobody who saw it there is left, and it stays so as long as the lock is held.
        let value = slot
            .value
            .with_mut(|value| unsafe { (*value).take_if(|value| may(value)) });
        if value.is_none() {
            slot.state.fetch_add(THERE, Release);
        }
        value
    }
}
