//! The cache: a policy, loads under way, and counts.

use super::counters::Counters;
use super::flights::{Flights, Turn};
use super::policy::{Offer, Policy};
use super::stats::CacheStats;

/// A cache of values by key that many threads read through. Values are shared handles: a hit copies no bytes.
#[derive(Debug)]
pub struct Cache<V: Clone, P> {
    policy: P,
    flights: Flights<V>,
    counters: Counters,
}

impl<V: Clone, P: Policy<V>> Cache<V, P> {
    /// A cache that keeps what `policy` does.
    pub fn new(policy: P) -> Self {
        Self {
            policy,
            flights: Flights::new(),
            counters: Counters::default(),
        }
    }

    /// What decides who is kept.
    pub fn policy(&self) -> &P {
        &self.policy
    }

    /// The value of a key.
    pub fn get(&self, key: u32) -> Option<V> {
        let value = self.policy.get(key);
        self.counters.lookup(key, value.is_some());
        value
    }

    /// Whether a key has a value; neither counted nor a use of it.
    pub fn contains(&self, key: u32) -> bool {
        self.policy.peek(key).is_some()
    }

    /// The value of a key, loaded where it has none: by one thread, while others who want it wait for that one. It is returned
    /// whether it is kept or not.
    ///
    /// # Errors
    /// What `load` returns. It is kept nowhere: the next who asks loads again.
    pub fn get_or_load<E>(&self, key: u32, load: impl FnOnce() -> Result<V, E>) -> Result<V, E> {
        let ended = self.flights.ended(key);
        match self.get(key) {
            Some(value) => Ok(value),
            None => self.load(key, ended, load).map(|(value, _)| value),
        }
    }

    /// Loads the value of a key that has none, as [`get_or_load`](Self::get_or_load) does, without counting a lookup; whether it is kept
    /// now.
    ///
    /// # Errors
    /// What `load` returns.
    pub fn fetch<E>(&self, key: u32, load: impl FnOnce() -> Result<V, E>) -> Result<bool, E> {
        let ended = self.flights.ended(key);
        match self.policy.peek(key) {
            Some(_) => Ok(true),
            None => self.load(key, ended, load).map(|(_, kept)| kept),
        }
    }

    /// A value that was missed after so many loads had ended, and whether it is kept.
    fn load<E>(
        &self,
        key: u32,
        mut ended: u64,
        load: impl FnOnce() -> Result<V, E>,
    ) -> Result<(V, bool), E> {
        loop {
            match self.flights.join(key, ended) {
                Turn::Loaded(value) => return Ok((value, self.contains(key))),
                Turn::Look => {
                    ended = self.flights.ended(key);
                    if let Some(value) = self.policy.peek(key) {
                        return Ok((value, true));
                    }
                }
                Turn::Load(leader) => {
                    let value = load()?;
                    let mut offered = None;
                    leader.finish(value.clone(), |value| {
                        offered = Some(self.offer(key, value));
                    });
                    if offered.is_none() {
                        self.counters.offer(key, Offer::default());
                    }
                    return Ok((value, offered == Some(true)));
                }
            }
        }
    }

    /// Gives a key a value, in the place of what it had; whether it is kept. What is being loaded for the key is not.
    pub fn insert(&self, key: u32, value: V) -> bool {
        self.flights.change(key, || self.offer(key, value))
    }

    /// Removes the value of a key; whether it had one. What is being loaded for the key is not kept.
    pub fn invalidate(&self, key: u32) -> bool {
        self.flights.change(key, || self.policy.remove(key))
    }

    /// Removes all values. What is being loaded is not kept.
    pub fn clear(&self) {
        self.flights.change_all(|| self.policy.clear());
    }

    /// Sets the budget, and removes what is too much.
    pub fn resize(&self, budget: u64) {
        self.counters.evicted(self.policy.resize(budget));
    }

    /// What it has done and has now. The counts are read one by one.
    pub fn stats(&self) -> CacheStats {
        let [hits, misses, admissions, rejections, evictions] = self.counters.all();
        CacheStats {
            hits,
            misses,
            admissions,
            rejections,
            evictions,
            entries: self.policy.entries(),
            used: self.policy.used(),
            budget: self.policy.budget(),
        }
    }

    fn offer(&self, key: u32, value: V) -> bool {
        let offer = self.policy.offer(key, value);
        self.counters.offer(key, offer);
        offer.admitted
    }
}
