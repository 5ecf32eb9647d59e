//! The workloads of pool and cache: every implementation does the same job and tells its figures; and the pool's part in the store's.

use std::num::NonZeroUsize;

use plimsoll_embeddings::{
    CacheParams, Embeddings, EmbeddingsCache, EmbeddingsPool, Params, PoolParams,
};
use plimsoll_workload::{Context, Failure, Workload};

/// Runs an implementation; its context knows what was reported.
fn ran<W: Workload>(id: &str, params: &W::Params, threads: usize) -> Context {
    let directory = tempfile::tempdir().expect("a directory");
    let threads = NonZeroUsize::new(threads).expect("a thread");
    let context = Context::recording(directory.path()).with_threads(threads);
    let found = W::implementations().iter().find(|one| one.id == id);
    let implementation = found.expect("an implementation");
    W::prepare(params, directory.path()).expect("inputs");
    (implementation.run)(params, &context).expect("a run");
    context
}

#[test]
fn blocks_from_everywhere_hold_what_was_written() {
    let params = PoolParams {
        chunk_size: 3072,
        operations: 20_000,
        fill_bytes: 8 << 20,
        rounds: 3,
        ..PoolParams::default()
    };
    for threads in [1, 3] {
        let digests: Vec<String> = ["aligned", "plain", "locked", "pool"]
            .map(|id| {
                let context = ran::<EmbeddingsPool>(id, &params, threads);
                // What is resident says nothing in a process that has had a heap before.
                for metric in ["replace_cpu", "cpu_over_aligned"] {
                    assert!(
                        context.recorded_metric(metric) > Some(0.0),
                        "{id}: {metric}"
                    );
                }
                let mapped = context.recorded_metric("mapped_overhead");
                assert_eq!(mapped.is_some(), id == "pool");
                // Few slabs: the last one is not full.
                assert!(mapped.is_none_or(|share| share < 0.15), "{mapped:?}");
                context.recorded_digest("words").expect("a digest")
            })
            .to_vec();
        assert!(
            digests.iter().all(|digest| *digest == digests[0]),
            "{digests:?}"
        );
    }
}

fn small() -> CacheParams {
    CacheParams {
        universe: 5000,
        length: 200_000,
        ..CacheParams::default()
    }
}

fn digest_of(id: &str, params: &CacheParams, threads: usize) -> String {
    let context = ran::<EmbeddingsCache>(id, params, threads);
    let rate = context.recorded_metric("hit_rate").expect("a rate");
    assert!((0.3..=1.0).contains(&rate), "{id}: {rate}");
    context.recorded_digest("values").expect("a digest")
}

#[test]
fn what_is_read_depends_neither_on_the_policy_nor_on_threads() {
    let mixed = CacheParams {
        mixed_sizes: true,
        length: 50_000,
        budget_bytes: Some(30_000_000),
        ..small()
    };
    let scanned = CacheParams {
        scan: 0.2,
        drift: 40,
        ..small()
    };
    for params in [small(), mixed, scanned] {
        let expected = digest_of("lru", &params, 1);
        for (id, threads) in [
            ("lru", 3),
            ("weighted", 1),
            ("weighted", 8),
            ("adaptive", 2),
            ("lazy", 4),
        ] {
            assert_eq!(
                digest_of(id, &params, threads),
                expected,
                "{id} on {threads}"
            );
        }
    }
    let written = CacheParams {
        writes: 0.1,
        ..small()
    };
    let expected = digest_of("lru", &written, 1);
    assert_ne!(expected, digest_of("lru", &small(), 1));
    assert_eq!(digest_of("weighted", &written, 1), expected);
    assert_eq!(digest_of("adaptive", &written, 1), expected);
}

#[test]
fn hot_values_are_hit_more_often_by_the_weighted_policy_and_handles_are_measured() {
    let params = CacheParams {
        steady: true,
        ..small()
    };
    let rates = |id: &str| {
        let context = ran::<EmbeddingsCache>(id, &params, 1);
        let metric = |name: &str| context.recorded_metric(name).unwrap_or(f64::NAN);
        assert!(metric("used_peak") <= metric("budget_bytes"), "{id}");
        assert!(metric("entry_bytes") <= 128.0, "{id}");
        (metric("hit_rate"), metric("hot_hit_rate"))
    };
    let (lru, weighted) = (rates("lru"), rates("weighted"));
    assert!(
        weighted.0 > lru.0 + 0.02 && weighted.1 > lru.1 + 0.02,
        "{lru:?} {weighted:?}"
    );
    let lazy = ran::<EmbeddingsCache>("lazy", &params, 1);
    assert!(lazy.recorded_metric("handle_over_direct") > Some(0.0));
}

#[test]
fn writes_on_several_threads_are_refused() {
    let directory = tempfile::tempdir().unwrap();
    let context =
        Context::detached(directory.path()).with_threads(NonZeroUsize::MIN.saturating_add(1));
    let params = CacheParams {
        writes: 0.5,
        ..small()
    };
    for implementation in EmbeddingsCache::implementations() {
        let refused = (implementation.run)(&params, &context)
            .unwrap_err()
            .to_string();
        assert!(refused.starts_with("writes"), "{refused}");
    }
}

#[test]
fn the_part_of_the_pool_is_told_of_reads_through_one_and_refused_of_others() {
    let params = Params {
        n: 300,
        dim: 16,
        queries: 2,
        reads: 90,
        lazy: 20,
        cold: 5,
        pool_share: true,
        ..Params::default()
    };
    let served = |id: &str| {
        let directory = tempfile::tempdir().unwrap();
        Embeddings::prepare(&params, directory.path()).unwrap();
        let mut implementations = Embeddings::implementations().iter();
        let run = implementations.find(|one| one.id == id).unwrap().run;
        let step = |name| Context::recording(directory.path()).with_step(name);
        run(&params, &step("ingest")).unwrap();
        let context = step("serve");
        run(&params, &context).map(|()| context.recorded_metric("pool_share"))
    };
    assert!(served("tiered").unwrap() >= Some(0.0));
    for id in ["heap-map", "mapped", "synced-map"] {
        let refused = served(id);
        assert!(
            matches!(&refused, Err(Failure::Input(message)) if message.starts_with("pool_share")),
            "{refused:?}"
        );
    }
}
