//! A read of a cache over a pool asks the system's allocator for nothing once its tables are filled.

#![allow(unsafe_code)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;

use plimsoll_embeddings::cache::{Cache, Policy, Weighted};
use plimsoll_embeddings::data::{Trace, TraceOptions};
use plimsoll_embeddings::pool::{Pool, PoolError, PoolOptions};

thread_local! {
    static CALLS: Cell<u64> = const { Cell::new(0) };
}

/// Counts the calling thread's calls, and the bytes of all.
struct Counting;

static LIVE: AtomicU64 = AtomicU64::new(0);

#[global_allocator]
static ALLOCATOR: Counting = Counting;

// SAFETY: what the system's allocator gives is handed on.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        CALLS.with(|calls| calls.set(calls.get() + 1));
        LIVE.fetch_add(layout.size() as u64, Relaxed);
        // SAFETY: by the caller's contract.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        CALLS.with(|calls| calls.set(calls.get() + 1));
        LIVE.fetch_sub(layout.size() as u64, Relaxed);
        // SAFETY: by the caller's contract.
        unsafe { System.dealloc(memory, layout) };
    }
}

#[test]
fn reads_in_a_steady_state_call_no_allocator_and_tables_cost_what_is_charged() {
    let options = TraceOptions {
        universe: 20_000,
        length: 400_000,
        exponent: 1.0,
        drift: 0,
        scan: 0.0,
        writes: 0.0,
        seed: 3,
    };
    let trace = Trace::new(&options).expect("a trace");
    let pool = Pool::new(PoolOptions::of(768)).expect("a pool");
    let before = LIVE.load(Relaxed);
    let cache = Cache::new(Weighted::new(2_000_000, 774));
    let (mut calls, mut misses) = (0, 0);
    for (at, access) in trace.iter().enumerate() {
        let count = CALLS.with(Cell::get);
        let load = || {
            misses += u64::from(at >= 200_000);
            let mut chunk = pool.try_alloc()?;
            chunk[0] = access.key as u8;
            Ok::<_, PoolError>(chunk.share())
        };
        let value = cache.get_or_load(access.key, load).expect("a chunk");
        assert_eq!(value[0], access.key as u8);
        drop(value);
        if at >= 200_000 {
            calls += CALLS.with(Cell::get) - count;
        }
    }
    assert!(misses > 10_000, "{misses}");
    assert_eq!(calls, 0);
    // All else of the cache is some counters and locks; slabs of the pool do not come from the allocator.
    let stats = cache.stats();
    let tables = LIVE.load(Relaxed) - before;
    let charged = stats.entries * cache.policy().entry_cost();
    assert!(
        tables <= charged + 40_000,
        "{tables} bytes in tables, {charged} charged"
    );
    let chunks = pool.stats();
    assert!(
        chunks.mapped + charged <= 2_000_000 + (1 << 20),
        "{chunks:?} {stats:?}"
    );
}
