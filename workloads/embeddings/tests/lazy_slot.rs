//! The slot of a lazy handle, under every order of steps that the memory model allows.

#![allow(unsafe_code, dead_code)]

/// What a slot is made of, from the model checker.
mod sync {
    pub(super) use loom::cell::UnsafeCell;
    pub(super) use loom::sync::atomic::AtomicU32;
    pub(super) use loom::sync::{Mutex, MutexGuard};
}

#[path = "../src/lazy/slot.rs"]
mod slot;

use std::convert::Infallible;

use loom::sync::Arc;
use loom::thread;

use slot::Slot;

/// A value, made of how often one was made before.
type Counting = Slot<u32, u32>;

/// Reads the value, made if it is not there, as a handle does.
fn get(slot: &Counting) -> u32 {
    if let Some(reading) = slot.read() {
        return *reading;
    }
    let made = slot.lock().read_or_put(|made| {
        *made += 1;
        Ok::<_, Infallible>(*made)
    });
    *made.expect("it cannot fail")
}

/// Takes the value out without waiting, as a handle does.
fn unload(slot: &Counting, may: bool) -> Option<u32> {
    slot.try_lock()?.take_if(|_| may)
}

fn check(test: impl Fn(&Arc<Counting>) + Send + Sync + 'static) {
    let mut model = loom::model::Builder::new();
    model.preemption_bound = Some(3);
    model.check(move || test(&Arc::new(Slot::new(0))));
}

fn spawned<R: 'static>(
    slot: &Arc<Counting>,
    f: impl FnOnce(&Counting) -> R + 'static,
) -> thread::JoinHandle<R> {
    let slot = Arc::clone(slot);
    thread::spawn(move || f(&slot))
}

#[test]
fn two_that_ask_at_once_have_it_made_once() {
    check(|slot| {
        let other = spawned(slot, get);
        assert_eq!((get(slot), other.join().unwrap()), (1, 1));
        assert!(slot.is_there());
    });
}

#[test]
fn two_read_the_value_while_another_takes_it_out() {
    check(|slot| {
        let readers = [spawned(slot, get), spawned(slot, get)];
        let taken = unload(slot, true);
        let read = readers.map(|reader| reader.join().unwrap());
        assert!(read.iter().all(|value| [1, 2].contains(value)), "{read:?}");
        // Who read the second had it made because the first was gone.
        assert!(!read.contains(&2) || taken == Some(1), "{read:?}");
        // Nobody is left on the count.
        let there = slot.is_there();
        assert_eq!(unload(slot, true).is_some(), there);
    });
}

#[test]
fn a_value_is_not_taken_from_under_who_reads_it() {
    check(|slot| {
        get(slot);
        let other = spawned(slot, |slot| {
            let reading = slot.read()?;
            assert_eq!(*reading, 1);
            Some(*reading)
        });
        let taken = unload(slot, true);
        let read = other.join().unwrap();
        assert!(taken.is_some() || read.is_some());
        assert_eq!(slot.is_there(), taken.is_none());
    });
}

#[test]
fn a_value_that_may_not_go_is_there_again() {
    check(|slot| {
        get(slot);
        let other = spawned(slot, get);
        assert_eq!(unload(slot, false), None);
        // Who looked meanwhile has waited, and has not made another.
        assert_eq!((other.join().unwrap(), get(slot)), (1, 1));
        assert_eq!(unload(slot, true), Some(1));
    });
}

#[test]
fn those_who_take_it_out_at_once_get_it_once() {
    check(|slot| {
        get(slot);
        let other = spawned(slot, |slot| unload(slot, true));
        let mine = unload(slot, true);
        let all = [mine, other.join().unwrap()];
        assert_eq!(all.iter().flatten().count(), 1, "{all:?}");
    });
}
