//! Which values are kept.

/// Keeps values up to a budget in bytes, and decides which.
pub trait Policy<V>: Send + Sync {
    /// The value of a key, which counts as a use of it.
    fn get(&self, key: u32) -> Option<V>;

    /// The value of a key, of which nothing is made.
    fn peek(&self, key: u32) -> Option<V>;

    /// Offers a value. What the key had before goes first, also where the new value is too large to be kept; for that one no other
    /// value goes.
    fn offer(&self, key: u32, value: V) -> Offer;

    /// Removes the value of a key; whether it had one.
    fn remove(&self, key: u32) -> bool;

    /// Removes all values.
    fn clear(&self);

    /// Sets the budget, and removes what is too much; how many values that is.
    fn resize(&self, budget: u64) -> u64;

    /// Most bytes.
    fn budget(&self) -> u64;

    /// Bytes of all values: what each holds outside of the tables, and what the tables take for one.
    fn used(&self) -> u64;

    /// How many values.
    fn entries(&self) -> u64;

    /// Bytes that the tables take for one value, its key among them.
    fn entry_cost(&self) -> u64;
}

/// What became of an offered value.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Offer {
    /// It was taken in.
    pub admitted: bool,
    /// Values that went to make room for it.
    pub evicted: u64,
}

impl<V, P: Policy<V> + ?Sized> Policy<V> for Box<P> {
    fn get(&self, key: u32) -> Option<V> {
        (**self).get(key)
    }

    fn peek(&self, key: u32) -> Option<V> {
        (**self).peek(key)
    }

    fn offer(&self, key: u32, value: V) -> Offer {
        (**self).offer(key, value)
    }

    fn remove(&self, key: u32) -> bool {
        (**self).remove(key)
    }

    fn clear(&self) {
        (**self).clear();
    }

    fn resize(&self, budget: u64) -> u64 {
        (**self).resize(budget)
    }

    fn budget(&self) -> u64 {
        (**self).budget()
    }

    fn used(&self) -> u64 {
        (**self).used()
    }

    fn entries(&self) -> u64 {
        (**self).entries()
    }

    fn entry_cost(&self) -> u64 {
        (**self).entry_cost()
    }
}
