//! The cache from outside: bytes, sizes, one load for many, and what threads do to it.

use std::sync::Barrier;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::SeqCst;
use std::thread;

use plimsoll_embeddings::cache::{Adaptive, Bounds, Cache, Footprint, Lru, Policy, Weighted};
use plimsoll_embeddings::data::{Trace, TraceOptions};
use serde_json::Value;

/// A value that says what it holds.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Item {
    bytes: usize,
    version: u32,
}

impl Item {
    fn of(bytes: usize) -> Self {
        Self { bytes, version: 0 }
    }
}

impl Footprint for Item {
    fn footprint(&self) -> usize {
        self.bytes
    }
}

type Made = (&'static str, Box<dyn Policy<Item>>);
type Cached = Cache<Item, Box<dyn Policy<Item>>>;

/// Every policy, with so many bytes.
fn policies(budget: u64, expected: usize) -> Vec<Made> {
    let bounds = Bounds {
        floor: budget,
        ceiling: budget,
    };
    vec![
        ("lru", Box::new(Lru::new(budget))),
        ("weighted", Box::new(Weighted::new(budget, expected))),
        ("adaptive", Box::new(Adaptive::new(bounds, expected))),
    ]
}

fn caches(budget: u64, expected: usize) -> Vec<(&'static str, Cached)> {
    let cache = |(name, policy)| (name, Cache::new(policy));
    policies(budget, expected).into_iter().map(cache).collect()
}

fn expected() -> Value {
    serde_json::from_str(include_str!("golden/expected.json")).expect("the golden figures")
}

fn golden_trace() -> Trace {
    let options = TraceOptions {
        universe: 10_000,
        length: 120_000,
        exponent: 1.0,
        drift: 0,
        scan: 0.0,
        writes: 0.0,
        seed: 20_260_103,
    };
    Trace::new(&options).expect("a trace")
}

/// SplitMix64 of a seed and a number.
fn word(seed: u64, index: u64) -> u64 {
    let state = seed.wrapping_add((index + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15));
    let state = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let state = (state ^ (state >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    state ^ (state >> 31)
}

fn size_of_key(case: &str, key: u32) -> usize {
    if case.starts_with("equal") {
        768
    } else {
        512 + 512 * (word(77, key.into()) % 7) as usize
    }
}

#[test]
fn the_list_of_last_uses_is_exact_on_the_golden_trace_and_the_others_hit_more() {
    let trace = golden_trace();
    for (case, figures) in expected()["zipf"]["lru"].as_object().unwrap() {
        let figure = |name: &str| figures[name].as_u64().unwrap();
        let budget = figure("budget");
        let cache = Cache::new(Lru::with_entry_cost(budget, 0));
        let hot = &trace.keys_by_rank()[..(budget / 768 * 8 / 10) as usize];
        let mut is_hot = vec![false; 10_000];
        hot.iter().for_each(|key| is_hot[*key as usize] = true);
        let (mut hot_accesses, mut hot_hits) = (0, 0);
        for access in trace.iter() {
            let mut hit = true;
            cache
                .get_or_load(access.key, || {
                    hit = false;
                    Ok::<_, ()>(Item::of(size_of_key(case, access.key)))
                })
                .unwrap();
            assert!(cache.policy().used() <= budget);
            hot_accesses += u64::from(is_hot[access.key as usize]);
            hot_hits += u64::from(hit && is_hot[access.key as usize]);
        }
        let stats = cache.stats();
        assert_eq!(
            [
                stats.hits,
                stats.misses,
                stats.evictions,
                stats.rejections,
                stats.used,
                stats.entries
            ],
            ["hits", "misses", "evictions", "rejected", "used", "entries"].map(figure),
            "{case}"
        );
        if case.starts_with("equal") {
            assert_eq!(
                [hot_accesses, hot_hits],
                ["hot_accesses", "hot_hits"].map(figure),
                "{case}"
            );
        }
        let oldest: Vec<Value> = cache
            .policy()
            .oldest(8)
            .into_iter()
            .map(Value::from)
            .collect();
        assert_eq!(Value::from(oldest), figures["lru_order_first8"], "{case}");
        // The others have tables to pay for: as many values at their price.
        let entry_cost = Weighted::<Item>::new(budget, 768).entry_cost();
        let weighted = Cache::new(Weighted::new(budget + budget / 768 * entry_cost, 768));
        for access in trace.iter() {
            let load = || Ok::<_, ()>(Item::of(size_of_key(case, access.key)));
            weighted.get_or_load(access.key, load).unwrap();
        }
        assert!(
            weighted.stats().hits >= figure("hits"),
            "{case}: {:?}",
            weighted.stats()
        );
    }
}

#[test]
fn a_value_above_the_budget_is_returned_and_nothing_goes_for_it() {
    for (name, cache) in caches(100_000, 1000) {
        for key in 0..20 {
            assert!(cache.insert(key, Item::of(1000)), "{name}");
        }
        let before = cache.stats();
        let huge = Item::of(200_000);
        assert_eq!(cache.get_or_load(50, || Ok::<_, ()>(huge)), Ok(huge));
        assert!(!cache.insert(51, huge));
        let after = cache.stats();
        assert_eq!(
            (after.entries, after.used),
            (before.entries, before.used),
            "{name}"
        );
        assert_eq!((after.rejections, after.evictions), (2, 0), "{name}");
        // A replacement that is too large takes the stale value away.
        assert!(
            !cache.insert(3, huge) && cache.get(3).is_none() && cache.contains(4),
            "{name}"
        );
        assert_eq!(cache.stats().entries, 19);
    }
}

#[test]
fn budgets_of_nothing_and_of_one_value_work() {
    for budget in [0, 1, 100] {
        for (name, cache) in caches(budget, 1000) {
            for key in 0..1000 {
                assert_eq!(
                    cache.get_or_load(key, || Ok::<_, ()>(Item::of(10_000))),
                    Ok(Item::of(10_000))
                );
            }
            let stats = cache.stats();
            assert_eq!(
                (stats.entries, stats.misses, stats.rejections),
                (0, 1000, 1000),
                "{name}"
            );
        }
    }
    let exact = Lru::with_entry_cost(1000, 24);
    assert!(exact.offer(1, Item::of(976)).admitted);
    assert!(!exact.offer(2, Item::of(977)).admitted);
    assert_eq!((exact.used(), exact.entries()), (1000, 1));
}

#[test]
fn the_largest_value_that_is_kept_leaves_no_other() {
    // One shard: 97 % of it.
    let cache = Weighted::new(100_000, 1000);
    let largest = 97_000 - cache.entry_cost() as usize;
    assert!(cache.offer(1, Item::of(largest)).admitted);
    assert!(!cache.offer(2, Item::of(largest + 1)).admitted);
    assert_eq!(cache.entries(), 1);
    let offer = cache.offer(3, Item::of(largest));
    assert!(offer.admitted && cache.used() <= 100_000 && cache.entries() == 1);
}

#[test]
fn a_replacement_credits_what_it_replaces() {
    for (name, cache) in caches(400_000, 1000) {
        let fits = 400_000 / (1000 + cache.policy().entry_cost()) as u32 - 5;
        for key in 0..fits {
            cache.insert(key, Item::of(1000));
        }
        let before = cache.stats();
        for version in 0..100 {
            cache.insert(
                7,
                Item {
                    bytes: 1000,
                    version,
                },
            );
        }
        let after = cache.stats();
        assert_eq!(
            (before.used, before.entries, before.evictions),
            (after.used, after.entries, after.evictions),
            "{name}"
        );
        assert_eq!(cache.get(7).map(|item| item.version), Some(99), "{name}");
    }
}

#[test]
fn many_tiny_values_are_charged_for_their_tables() {
    for (name, cache) in caches(10_000_000, 1000) {
        for key in 0..500_000 {
            cache.insert(key, Item::of(1));
            if key % 1000 == 0 {
                let stats = cache.stats();
                assert!(stats.used <= stats.budget, "{name}: {stats:?}");
            }
        }
        let stats = cache.stats();
        assert!(
            stats.entries * (1 + cache.policy().entry_cost()) <= 10_000_000,
            "{name}: {stats:?}"
        );
        assert!(stats.entries > 40_000, "{name}: {stats:?}");
    }
}

#[test]
fn the_account_is_a_recount_after_every_operation() {
    for (name, cache) in caches(300_000, 1500) {
        let mut known: Vec<Option<Item>> = vec![None; 400];
        let cost = cache.policy().entry_cost();
        for step in 0..10_000_u64 {
            let random = word(5, step);
            let key = (random % 400) as u32;
            let bytes = 1
                + (random >> 20) as usize
                    % if random.is_multiple_of(97) {
                        400_000
                    } else {
                        4000
                    };
            match (random >> 12) % 16 {
                0..=7 => {
                    let item = Item::of(bytes);
                    let _ = cache.get_or_load(key, || {
                        known[key as usize] = Some(item);
                        Ok::<_, ()>(item)
                    });
                }
                8..=11 => {
                    let item = Item {
                        bytes,
                        version: step as u32,
                    };
                    known[key as usize] = Some(item);
                    cache.insert(key, item);
                }
                12 | 13 => {
                    cache.invalidate(key);
                    known[key as usize] = None;
                }
                14 => cache.resize(100_000 + (random >> 30) % 300_000),
                _ if step % 50 == 0 => {
                    cache.clear();
                    known.fill(None);
                }
                _ => assert!(
                    cache
                        .get(key)
                        .is_none_or(|item| known[key as usize] == Some(item)),
                    "{name}"
                ),
            }
            let kept = known.iter().enumerate().filter_map(|(key, item)| {
                let found = cache.policy().peek(key as u32)?;
                assert_eq!(Some(found), *item, "{name}: a stale value");
                Some(found.bytes as u64 + cost)
            });
            let (sum, count) = kept.fold((0, 0), |(sum, count), bytes| (sum + bytes, count + 1));
            let stats = cache.stats();
            let tables = if name == "adaptive" {
                stats.used - sum
            } else {
                0
            };
            assert!(tables < 1 << 14);
            assert_eq!((stats.used, stats.entries), (sum + tables, count), "{name}");
            assert!(stats.used <= stats.budget, "{name}: {stats:?}");
        }
    }
}

#[test]
fn no_lookups_are_no_rate() {
    for (_, cache) in caches(1000, 100) {
        assert_eq!(cache.stats().hit_rate(), None);
        cache.get(1);
        assert_eq!(cache.stats().hit_rate(), Some(0.0));
    }
}

#[test]
fn one_of_many_loads_and_all_get_the_value() {
    // Kept or too large to be: one load either way.
    for bytes in [100, 1_000_000] {
        for (name, cache) in caches(100_000, 1000) {
            let loads = AtomicUsize::new(0);
            let start = Barrier::new(64);
            thread::scope(|scope| {
                for _ in 0..64 {
                    scope.spawn(|| {
                        start.wait();
                        let value = cache.get_or_load(9, || {
                            loads.fetch_add(1, SeqCst);
                            // Until all others have missed, and wait.
                            while cache.stats().misses < 64 {
                                thread::yield_now();
                            }
                            thread::sleep(std::time::Duration::from_millis(20));
                            Ok::<_, ()>(Item::of(bytes))
                        });
                        assert_eq!(value, Ok(Item::of(bytes)));
                    });
                }
            });
            assert_eq!(cache.stats().misses, 64, "{name}");
            assert!(
                bytes > 1000 || loads.load(SeqCst) == 1,
                "{name}: {} loads",
                loads.load(SeqCst)
            );
        }
    }
}

#[test]
fn a_failed_or_panicking_load_is_tried_again_by_the_next() {
    let (_, cache) = caches(100_000, 1000).swap_remove(1);
    assert_eq!(cache.get_or_load(1, || Err("no")), Err("no"));
    let panicking = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        cache.get_or_load(1, || -> Result<Item, ()> { panic!("in a loader") })
    }));
    assert!(panicking.is_err());
    assert_eq!(
        cache.get_or_load(1, || Ok::<_, ()>(Item::of(1))),
        Ok(Item::of(1))
    );
    assert!(cache.contains(1));
}

#[test]
fn what_was_loaded_before_a_change_is_not_kept_after_it() {
    for change in [
        (|cache, _| {
            cache.invalidate(1);
        }) as fn(&Cached, u32),
        |cache, _| cache.clear(),
        |cache, version| {
            cache.insert(1, Item { bytes: 5, version });
        },
    ] {
        let (_, cache) = caches(100_000, 1000).swap_remove(1);
        let old = cache.get_or_load(1, || {
            change(&cache, 7);
            Ok::<_, ()>(Item::of(5))
        });
        assert_eq!(old, Ok(Item::of(5)));
        assert!(cache.get(1).is_none_or(|item| item.version == 7));
    }
}

#[test]
fn eight_threads_never_lift_it_above_its_budget_by_more_than_eight_values() {
    const BUDGET: u64 = 200_000;
    for (name, cache) in caches(BUDGET, 1000) {
        thread::scope(|scope| {
            for thread in 0..8_u64 {
                let cache = &cache;
                scope.spawn(move || {
                    for step in 0..10_000 {
                        let random = word(thread, step);
                        let key = (random % 1000) as u32;
                        match (random >> 32) % 100 {
                            0 => cache.clear(),
                            1..=5 => {
                                cache.invalidate(key);
                            }
                            6 => cache.resize(BUDGET - (random >> 40) % 1000),
                            7..=40 => {
                                cache.insert(key, Item::of(1000));
                            }
                            _ => {
                                let _ = cache.get_or_load(key, || Ok::<_, ()>(Item::of(1000)));
                            }
                        }
                        let used = cache.policy().used();
                        assert!(used <= BUDGET + 8 * 1300, "{name}: {used}");
                    }
                });
            }
        });
        let stats = cache.stats();
        assert!(stats.used <= stats.budget, "{name}: {stats:?}");
        cache.clear();
        let stats = cache.stats();
        assert_eq!(stats.entries, 0);
        assert!(name == "adaptive" || stats.used == 0, "{name}: {stats:?}");
    }
}

#[test]
fn the_size_comes_to_rest_on_a_trace_that_stays_as_it_is() {
    let options = TraceOptions {
        universe: 50_000,
        length: 3_000_000,
        exponent: 1.0,
        drift: 0,
        scan: 0.0,
        writes: 0.0,
        seed: 4,
    };
    let trace = Trace::new(&options).unwrap();
    let bounds = Bounds {
        floor: 1_000_000,
        ceiling: 60_000_000,
    };
    let cache = Cache::new(Adaptive::new(bounds, 768));
    let mut changes = Vec::new();
    for (at, access) in trace.iter().enumerate() {
        let before = cache.policy().resizes();
        let _ = cache.get_or_load(access.key, || Ok::<_, ()>(Item::of(768)));
        let stats_needed = cache.policy().resizes() != before;
        if stats_needed {
            changes.push(at);
            let budget = cache.policy().budget();
            assert!(
                (bounds.floor..=bounds.ceiling).contains(&budget),
                "{budget}"
            );
        }
    }
    assert!(
        changes.windows(2).all(|pair| pair[1] - pair[0] >= 100_000),
        "{changes:?}"
    );
    assert!(changes.iter().all(|at| *at < 2_400_000), "{changes:?}");
    let stats = cache.stats();
    assert!(
        stats.budget > 5 * bounds.floor && stats.hit_rate() > Some(0.6),
        "{stats:?}"
    );
}
