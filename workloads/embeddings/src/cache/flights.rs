//! Loads under way: of those who miss the same key one loads, and the others wait.

use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::{Acquire, Release};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// Keys are watched over in this many groups.
const STRIPES: usize = 64;

/// Loads under way. It takes memory while there are more of them than ever before, and none otherwise.
#[derive(Debug)]
pub(super) struct Flights<V> {
    stripes: Box<[Stripe<V>]>,
}

#[derive(Debug)]
struct Stripe<V> {
    /// Loads that have ended, so that who missed before the end of one looks again.
    ended: AtomicU64,
    flights: Mutex<Vec<Flight<V>>>,
    one_ended: Condvar,
}

#[derive(Debug)]
struct Flight<V> {
    key: u32,
    number: u64,
    /// Threads that wait for its value, or have yet to take it.
    waiting: usize,
    /// The key got another value, or none, since the load began: what is loaded is not kept, and nobody joins.
    outdated: bool,
    /// The load has ended, with a value or not.
    ended: bool,
    value: Option<V>,
}

/// What who misses is to do.
pub(super) enum Turn<'a, V: Clone> {
    /// Load the value.
    Load(Leader<'a, V>),
    /// Take the value that another thread has loaded meanwhile.
    Loaded(V),
    /// Look again: a load has ended since, maybe of this key.
    Look,
}

impl<V: Clone> Flights<V> {
    pub(super) fn new() -> Self {
        let stripe = || Stripe {
            ended: AtomicU64::new(0),
            flights: Mutex::default(),
            one_ended: Condvar::new(),
        };
        Self {
            stripes: std::iter::repeat_with(stripe).take(STRIPES).collect(),
        }
    }

    fn stripe(&self, key: u32) -> &Stripe<V> {
        // The upper bits of a product with the golden ratio (Knuth): neighbouring keys lie apart.
        let mixed = key.wrapping_mul(0x9E37_79B9);
        &self.stripes[(mixed >> 26) as usize % STRIPES]
    }

    /// How many loads of the key's group have ended; for [`join`](Self::join), and taken before the lookup that misses.
    pub(super) fn ended(&self, key: u32) -> u64 {
        self.stripe(key).ended.load(Acquire)
    }

    /// Begins the load of a key, or waits for the one that is under way.
    pub(super) fn join(&self, key: u32, ended: u64) -> Turn<'_, V> {
        let stripe = self.stripe(key);
        let mut flights = stripe.lock();
        let joined = flights
            .iter_mut()
            .find(|flight| flight.key == key && !flight.ended && !flight.outdated);
        if let Some(flight) = joined {
            flight.waiting += 1;
            let number = flight.number;
            return stripe
                .wait_for(number, flights)
                .map_or(Turn::Look, Turn::Loaded);
        }
        if stripe.ended.load(Acquire) != ended {
            return Turn::Look;
        }
        let number = flights
            .iter()
            .map(|flight| flight.number + 1)
            .max()
            .unwrap_or(0);
        flights.push(Flight {
            key,
            number,
            waiting: 0,
            outdated: false,
            ended: false,
            value: None,
        });
        Turn::Load(Leader { stripe, number })
    }

    /// Changes what a key has: loads of it that are under way are outdated.
    pub(super) fn change<R>(&self, key: u32, change: impl FnOnce() -> R) -> R {
        let mut flights = self.stripe(key).lock();
        for flight in flights.iter_mut().filter(|flight| flight.key == key) {
            flight.outdated = true;
        }
        change()
    }

    /// Changes what all keys have.
    pub(super) fn change_all(&self, change: impl FnOnce()) {
        let mut stripes: Vec<_> = self.stripes.iter().map(Stripe::lock).collect();
        for flight in stripes.iter_mut().flat_map(|flights| flights.iter_mut()) {
            flight.outdated = true;
        }
        change();
    }
}

impl<V: Clone> Stripe<V> {
    /// Locks even after a panic in another thread: a flight whose leader is gone has ended.
    fn lock(&self) -> MutexGuard<'_, Vec<Flight<V>>> {
        self.flights.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait_for(&self, number: u64, flights: MutexGuard<'_, Vec<Flight<V>>>) -> Option<V> {
        let mut flights = self
            .one_ended
            .wait_while(flights, |flights| {
                flights
                    .iter()
                    .any(|flight| flight.number == number && !flight.ended)
            })
            .unwrap_or_else(PoisonError::into_inner);
        let at = flights.iter().position(|flight| flight.number == number)?;
        let flight = &mut flights[at];
        flight.waiting -= 1;
        let value = flight.value.clone();
        if flight.waiting == 0 {
            flights.swap_remove(at);
        }
        value
    }

    /// Ends a load. `keep` is called unless the key has changed meanwhile.
    fn end(&self, number: u64, value: Option<V>, keep: impl FnOnce(V)) {
        let mut flights = self.lock();
        if let Some(at) = flights.iter().position(|flight| flight.number == number) {
            let flight = &mut flights[at];
            flight.ended = true;
            if let Some(value) = value {
                if flight.waiting > 0 {
                    flight.value = Some(value.clone());
                }
                if !flight.outdated {
                    keep(value);
                }
            }
            if flights[at].waiting == 0 {
                flights.swap_remove(at);
            } else {
                self.one_ended.notify_all();
            }
        }
        // Under the lock, and after the value can be found: who reads the new count finds it.
        self.ended.fetch_add(1, Release);
    }
}

/// The duty to load a value. Where it is dropped instead, by a failure or a panic, one of those who wait loads.
#[derive(Debug)]
pub(super) struct Leader<'a, V: Clone> {
    stripe: &'a Stripe<V>,
    number: u64,
}

impl<V: Clone> Leader<'_, V> {
    /// Hands the value to all who wait. `keep` is called unless the key has changed meanwhile.
    pub(super) fn finish(self, value: V, keep: impl FnOnce(V)) {
        let this = std::mem::ManuallyDrop::new(self);
        this.stripe.end(this.number, Some(value), keep);
    }
}

impl<V: Clone> Drop for Leader<'_, V> {
    fn drop(&mut self) {
        self.stripe.end(self.number, None, |_| ());
    }
}
