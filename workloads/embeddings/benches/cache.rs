//! Reading 768 bytes by a Zipf trace through caches that hold a tenth of the keys, values in chunks of a pool.

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use plimsoll_embeddings::cache::{Adaptive, Bounds, Cache, Lru, Policy, Weighted};
use plimsoll_embeddings::data::{Trace, TraceOptions};
use plimsoll_embeddings::pool::{Pool, PoolError, PoolOptions, SharedChunk};

const KEYS: u32 = 20_000;

fn reads(criterion: &mut Criterion) {
    let options = TraceOptions {
        universe: KEYS,
        length: 200_000,
        exponent: 1.0,
        drift: 0,
        scan: 0.0,
        writes: 0.0,
        seed: 1,
    };
    let trace = Trace::new(&options).expect("a trace");
    let keys: Vec<u32> = trace.iter().map(|access| access.key).collect();
    let pool = Pool::new(PoolOptions::of(768)).expect("a pool");
    let budget = u64::from(KEYS) / 10 * 860;
    let bounds = Bounds {
        floor: budget,
        ceiling: budget,
    };
    let policies: [(&str, Box<dyn Policy<SharedChunk>>); 3] = [
        ("lru", Box::new(Lru::new(budget))),
        ("weighted", Box::new(Weighted::new(budget, 774))),
        ("adaptive", Box::new(Adaptive::new(bounds, 774))),
    ];
    let mut group = criterion.benchmark_group("read through");
    group.throughput(Throughput::Elements(1));
    for (name, policy) in policies {
        let cache = Cache::new(policy);
        let mut at = 0;
        group.bench_function(BenchmarkId::from_parameter(name), |bencher| {
            bencher.iter(|| {
                at = (at + 1) % keys.len();
                let load = || Ok::<_, PoolError>(pool.try_alloc()?.share());
                black_box(cache.get_or_load(keys[at], load).expect("a chunk"))
            });
        });
    }
    group.finish();
}

criterion_group!(benches, reads);
criterion_main!(benches);
