//! Taking a chunk and giving one back, 64 in use, at random: from the pool, aligned from the system, and plain.

use std::alloc::Layout;
use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use plimsoll_embeddings::pool::{Pool, PoolOptions};

const LIVE: usize = 64;

fn numbers() -> impl FnMut() -> usize {
    let mut state = 1_u64;
    move || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (state >> 58) as usize
    }
}

/// A block of the system's, at a multiple of 64 bytes.
struct Aligned(*mut u8, Layout);

impl Aligned {
    fn of(size: usize) -> Self {
        let layout = Layout::from_size_align(size, 64).expect("a small layout");
        // SAFETY: its size is not 0.
        Self(unsafe { std::alloc::alloc(layout) }, layout)
    }
}

impl Drop for Aligned {
    fn drop(&mut self) {
        // SAFETY: allocated with this layout, and freed once.
        unsafe { std::alloc::dealloc(self.0, self.1) };
    }
}

fn pools(criterion: &mut Criterion) {
    for size in [768, 3072, 47_104] {
        let mut group = criterion.benchmark_group(format!("replace one of 64, {size} bytes"));
        let pool = Pool::new(PoolOptions::of(size)).expect("a pool");
        let take = || pool.try_alloc().expect("a chunk");
        let mut live: Vec<_> = (0..LIVE).map(|_| take()).collect();
        let mut next = numbers();
        group.bench_function(BenchmarkId::from_parameter("pool"), |bencher| {
            bencher.iter(|| live[next()] = black_box(take()));
        });
        let mut live: Vec<_> = (0..LIVE).map(|_| Aligned::of(size)).collect();
        group.bench_function(BenchmarkId::from_parameter("aligned"), |bencher| {
            bencher.iter(|| live[next()] = black_box(Aligned::of(size)));
        });
        let mut live: Vec<_> = (0..LIVE).map(|_| Vec::<u8>::with_capacity(size)).collect();
        group.bench_function(BenchmarkId::from_parameter("plain"), |bencher| {
            bencher.iter(|| live[next()] = black_box(Vec::with_capacity(size)));
        });
        group.finish();
    }
}

criterion_group!(benches, pools);
criterion_main!(benches);
