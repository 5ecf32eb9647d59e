//! The values used last: one list, behind one lock.

use std::sync::{Mutex, MutexGuard, PoisonError};

use super::footprint::Footprint;
use super::policy::{Offer, Policy};

/// Keeps the values that were used last. Every lookup takes the one lock, for it moves the value to the front.
#[derive(Debug)]
pub struct Lru<V> {
    entry_cost: u64,
    state: Mutex<State<V>>,
}

#[derive(Debug)]
struct State<V> {
    values: lru::LruCache<u32, V>,
    used: u64,
    budget: u64,
}

impl<V: Footprint> Lru<V> {
    /// A cache of so many bytes.
    #[must_use]
    pub fn new(budget: u64) -> Self {
        Self::with_entry_cost(budget, Self::usual_entry_cost())
    }

    /// The same with another cost of what the tables take for a value; 0 counts the values alone.
    #[must_use]
    pub fn with_entry_cost(budget: u64, entry_cost: u64) -> Self {
        let state = State {
            values: lru::LruCache::unbounded(),
            used: 0,
            budget,
        };
        Self {
            entry_cost,
            state: Mutex::new(state),
        }
    }

    /// What the tables take for a value: a node of the list, which is a block of malloc's with key, value and two links, and in the
    /// map two addresses and a byte, of which at worst half are in use.
    #[must_use]
    pub fn usual_entry_cost() -> u64 {
        let node = (size_of::<(u32, V)>() + 2 * size_of::<usize>() + 8).next_multiple_of(16);
        let place = 2 * (2 * size_of::<usize>() + 1);
        (node + place) as u64
    }

    /// The first keys from the oldest end.
    #[must_use]
    pub fn oldest(&self, count: usize) -> Vec<u32> {
        let state = self.lock();
        state
            .values
            .iter()
            .rev()
            .map(|(key, _)| *key)
            .take(count)
            .collect()
    }

    fn cost(&self, value: &V) -> u64 {
        value.footprint() as u64 + self.entry_cost
    }

    /// Locks even after a panic in another thread: bytes are counted down before a value goes, and up after it is in.
    fn lock(&self) -> MutexGuard<'_, State<V>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn make_room(&self, state: &mut State<V>, room: u64) -> u64 {
        let mut evicted = 0;
        while state.used > room
            && let Some((_, value)) = state.values.pop_lru()
        {
            state.used -= self.cost(&value);
            evicted += 1;
        }
        evicted
    }

    fn take_out(&self, state: &mut State<V>, key: u32) -> bool {
        let value = state.values.pop(&key);
        state.used -= value.as_ref().map_or(0, |value| self.cost(value));
        value.is_some()
    }
}

impl<V: Footprint + Clone + Send> Policy<V> for Lru<V> {
    fn get(&self, key: u32) -> Option<V> {
        self.lock().values.get(&key).cloned()
    }

    fn peek(&self, key: u32) -> Option<V> {
        self.lock().values.peek(&key).cloned()
    }

    fn offer(&self, key: u32, value: V) -> Offer {
        let mut state = self.lock();
        let state = &mut *state;
        self.take_out(state, key);
        let cost = self.cost(&value);
        let Some(room) = state.budget.checked_sub(cost) else {
            return Offer::default();
        };
        let evicted = self.make_room(state, room);
        state.values.put(key, value);
        state.used += cost;
        Offer {
            admitted: true,
            evicted,
        }
    }

    fn remove(&self, key: u32) -> bool {
        self.take_out(&mut self.lock(), key)
    }

    fn clear(&self) {
        let mut state = self.lock();
        state.values.clear();
        state.used = 0;
    }

    fn resize(&self, budget: u64) -> u64 {
        let mut state = self.lock();
        state.budget = budget;
        self.make_room(&mut state, budget)
    }

    fn budget(&self) -> u64 {
        self.lock().budget
    }

    fn used(&self) -> u64 {
        self.lock().used
    }

    fn entries(&self) -> u64 {
        self.lock().values.len() as u64
    }

    fn entry_cost(&self) -> u64 {
        self.entry_cost
    }
}
