//! The values used often and lately: the policy of `quick_cache`, and our account of bytes.

use std::fmt;
use std::hash::{BuildHasher, Hasher};
use std::marker::PhantomData;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;

use quick_cache::sync::Cache;
use quick_cache::{Lifecycle, OptionsBuilder, Weighter};

use super::footprint::Footprint;
use super::ghosts::Ghosts;
use super::policy::{Offer, Policy};

/// Keeps the values that were used often and lately. Lookups take no exclusive lock.
///
/// The budget is split over shards, one for each thousand values that are expected, 16 at most. A value larger than 97 % of a
/// shard's part is not kept.
pub struct Weighted<V: Footprint + Clone> {
    cache: Values<V>,
    entry_cost: u64,
    reserved: Reserved,
    budget: AtomicU64,
    offers: AtomicU64,
    /// Values that went because a budget was lowered.
    evicted: Arc<AtomicU64>,
}

type Values<V> = Cache<u32, V, Cost<V>, Mixing, Watch<V>>;

/// What the tables were made for.
#[derive(Debug, Clone, Copy)]
struct Reserved {
    values: u64,
    slots: u64,
    /// Bytes of the maps.
    map: u64,
}

/// The part of a shard that values used again may fill: the library's own default.
const HOT: f64 = 0.97;
/// Keys of values that went and are remembered, for each value that is kept: the library's own default.
const REMEMBERED: f64 = 0.5;
const MOST_SHARDS: u64 = 16;
const VALUES_A_SHARD: u64 = 1024;
/// Offers from one look at the tables to the next.
const OFFERS_A_LOOK: u64 = 4096;

impl<V: Footprint + Clone> Weighted<V> {
    /// A cache of so many bytes for values that hold about `expected` bytes each.
    ///
    /// Tables are made for as many values as the budget then has room for. Where there are more and smaller ones the tables grow,
    /// and what they grow by leaves the budget.
    #[must_use]
    pub fn new(budget: u64, expected: usize) -> Self {
        Self::watched(budget, expected, None)
    }

    pub(super) fn watched(budget: u64, expected: usize, ghosts: Option<Arc<Ghosts>>) -> Self {
        let evicted = Arc::new(AtomicU64::new(0));
        let watch = Watch {
            evicted: Arc::clone(&evicted),
            ghosts,
            of: PhantomData,
        };
        // How many values there is room for depends on what the tables take for one, and that on how many there are.
        let mut entry_cost = slot::<V>();
        let (reserved, cache) = loop {
            let values = (budget / (expected as u64 + entry_cost)).max(1);
            let (reserved, cache) = tables(values, entry_cost, budget, &watch);
            let taken = reserved.slots * slot::<V>() + reserved.map;
            let found = taken.div_ceil(reserved.values);
            if found <= entry_cost {
                break (reserved, cache);
            }
            entry_cost = found;
        };
        Self {
            cache,
            entry_cost,
            reserved,
            budget: AtomicU64::new(budget),
            offers: AtomicU64::new(0),
            evicted,
        }
    }

    /// The largest cost of a value that is kept.
    fn largest(&self) -> u64 {
        (self.cache.shard_capacity() as f64 * HOT) as u64
    }

    /// Where the tables have grown, lowers the capacity by it; values that went.
    fn look_at_tables(&self) -> u64 {
        let memory = self.cache.memory_used();
        let slots = memory.entries as u64 / slot::<V>();
        if slots <= self.reserved.slots && memory.map as u64 <= self.reserved.map {
            return 0;
        }
        // Lists double.
        let mut room = self.reserved.slots;
        while room < slots {
            room *= 2;
        }
        let grown = (room - self.reserved.slots) * slot::<V>()
            + (memory.map as u64).saturating_sub(self.reserved.map);
        let charged =
            (self.cache.len() as u64).saturating_sub(self.reserved.values) * self.entry_cost;
        let budget = self.budget.load(Relaxed);
        self.set_capacity(budget.saturating_sub(grown.saturating_sub(charged)))
    }

    fn set_capacity(&self, capacity: u64) -> u64 {
        let shards = self.cache.num_shards() as u64;
        let before = self.evicted.load(Relaxed);
        self.cache.set_capacity(capacity / shards * shards);
        self.evicted.load(Relaxed) - before
    }
}

/// Bytes of one slot of the library's list of values and remembered keys: the value, its key, and how it was used; two links. A
/// test holds it to what the library says.
const fn slot<V>() -> u64 {
    ((size_of::<V>() + 7).next_multiple_of(8) + 8) as u64
}

/// Tables for so many values, made at once, so that they do not double later on.
fn tables<V: Footprint + Clone>(
    values: u64,
    entry_cost: u64,
    budget: u64,
    watch: &Watch<V>,
) -> (Reserved, Values<V>) {
    let shards = (values / VALUES_A_SHARD)
        .clamp(1, MOST_SHARDS)
        .next_power_of_two();
    let shards = if shards > values / VALUES_A_SHARD {
        (shards / 2).max(1)
    } else {
        shards
    };
    // Shards do not fill evenly where values differ in size.
    let values = values + values / 50;
    let cost = Cost {
        entry: entry_cost,
        of: PhantomData,
    };
    let options = OptionsBuilder::new()
        .shards(shards as usize)
        .estimated_items_capacity(values as usize)
        .weight_capacity(budget / shards * shards)
        .hot_allocation(HOT)
        .ghost_allocation(REMEMBERED)
        .build();
    let cache = match options {
        Ok(options) => Cache::with_options(options, cost, Mixing, watch.clone()),
        // Nothing is missing in these options; what is made without them has the same limits.
        Err(_) => Cache::with(values as usize, budget, cost, Mixing, watch.clone()),
    };
    cache.reserve(values as usize);
    let shards = cache.num_shards() as u64;
    let of_a_shard = values.div_ceil(shards);
    let remembered = (of_a_shard as f64 * REMEMBERED) as u64;
    let reserved = Reserved {
        values,
        slots: shards * (of_a_shard + remembered),
        map: cache.memory_used().map as u64,
    };
    (reserved, cache)
}

impl<V: Footprint + Clone + Send + Sync> Policy<V> for Weighted<V> {
    fn get(&self, key: u32) -> Option<V> {
        self.cache.get(&key)
    }

    fn peek(&self, key: u32) -> Option<V> {
        self.cache.peek(&key)
    }

    fn offer(&self, key: u32, value: V) -> Offer {
        if value.footprint() as u64 + self.entry_cost > self.largest() {
            self.remove(key);
            return Offer::default();
        }
        let mut request = Request {
            key: Some(key),
            evicted: 0,
        };
        self.cache.insert_with_lifecycle(key, value, &mut request);
        let mut evicted = request.evicted;
        if self.offers.fetch_add(1, Relaxed) % OFFERS_A_LOOK == OFFERS_A_LOOK - 1 {
            evicted += self.look_at_tables();
        }
        Offer {
            admitted: true,
            evicted,
        }
    }

    fn remove(&self, key: u32) -> bool {
        self.cache.remove(&key).is_some()
    }

    fn clear(&self) {
        self.cache.clear();
    }

    fn resize(&self, budget: u64) -> u64 {
        self.budget.store(budget, Relaxed);
        self.set_capacity(budget) + self.look_at_tables()
    }

    fn budget(&self) -> u64 {
        self.budget.load(Relaxed)
    }

    fn used(&self) -> u64 {
        self.cache.weight()
    }

    fn entries(&self) -> u64 {
        self.cache.len() as u64
    }

    fn entry_cost(&self) -> u64 {
        self.entry_cost
    }
}

impl<V: Footprint + Clone> fmt::Debug for Weighted<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Weighted")
            .field("budget", &self.budget)
            .field("entries", &self.cache.len())
            .finish_non_exhaustive()
    }
}

/// What a value costs, the tables' part included.
#[derive(Debug, Clone)]
struct Cost<V> {
    entry: u64,
    of: PhantomData<fn(V)>,
}

impl<V: Footprint> Weighter<u32, V> for Cost<V> {
    fn weight(&self, _: &u32, value: &V) -> u64 {
        value.footprint() as u64 + self.entry
    }
}

/// Sees values go.
#[derive(Debug)]
struct Watch<V> {
    evicted: Arc<AtomicU64>,
    ghosts: Option<Arc<Ghosts>>,
    of: PhantomData<fn(V)>,
}

impl<V> Clone for Watch<V> {
    fn clone(&self) -> Self {
        Self {
            evicted: Arc::clone(&self.evicted),
            ghosts: self.ghosts.clone(),
            of: PhantomData,
        }
    }
}

/// One offer, or, without a key, a lowering of the budget.
#[derive(Debug, Default)]
struct Request {
    key: Option<u32>,
    evicted: u64,
}

impl<V> Lifecycle<u32, V> for Watch<V> {
    type RequestState = Request;

    fn on_evict(&self, request: &mut Request, key: u32, _: V) {
        // The library reports what is replaced, too.
        if request.key == Some(key) {
            return;
        }
        if request.key.is_some() {
            request.evicted += 1;
        } else {
            self.evicted.fetch_add(1, Relaxed);
        }
        if let Some(ghosts) = &self.ghosts {
            ghosts.remember(key);
        }
    }
}

/// Hashes keys by the mixing function of SplitMix64 (Steele, Lea, Flood 2014): the same on every machine and in every run.
#[derive(Debug, Clone, Copy, Default)]
struct Mixing;

impl BuildHasher for Mixing {
    type Hasher = Mixed;

    fn build_hasher(&self) -> Mixed {
        Mixed(0)
    }
}

#[derive(Debug)]
struct Mixed(u64);

impl Hasher for Mixed {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u32(u32::from(*byte));
        }
    }

    fn write_u32(&mut self, key: u32) {
        let state = (self.0 ^ u64::from(key)).wrapping_add(0x9E37_79B9_7F4A_7C15);
        let state = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let state = (state ^ (state >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        self.0 = state ^ (state >> 31);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pool::SharedChunk;

    fn slot_of<V: Footprint + Clone + Send + Sync>(value: V) {
        let cache = Weighted::new(1 << 20, 1000);
        assert!(cache.offer(1, value).admitted);
        assert_eq!(cache.cache.memory_used().entries as u64, slot::<V>());
    }

    #[test]
    fn a_slot_is_as_large_as_the_library_says() {
        slot_of::<Arc<[u8]>>(Arc::from([1, 2, 3]));
        let pool = crate::pool::Pool::new(crate::pool::PoolOptions::of(768)).unwrap();
        slot_of::<SharedChunk>(pool.try_alloc().unwrap().share());
    }

    #[test]
    fn the_tables_that_are_reserved_are_what_is_charged() {
        for budget in [1, 1000, 100_000, 7_680_000, 50_000_000] {
            let cache = Weighted::<SharedChunk>::new(budget, 776);
            let tables = cache.reserved.slots * slot::<SharedChunk>() + cache.reserved.map;
            assert!(cache.entry_cost * cache.reserved.values >= tables);
            assert!(
                budget < 1_000_000 || cache.entry_cost <= 90,
                "{cache:?} {}",
                cache.entry_cost
            );
            let room = budget / (776 + cache.entry_cost);
            assert!(cache.reserved.values >= room, "{cache:?}");
        }
    }
}
