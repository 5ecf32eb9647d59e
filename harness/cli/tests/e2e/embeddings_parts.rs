//! The workloads `embeddings-cache` and `embeddings-pool` through the binary: the same values from every policy, blocks that hold
//! what was written, and what cannot be refused before anything runs.

use crate::support::{Project, variant};

const CACHE: &str = r"
name: cache
workload: embeddings-cache
params: { universe: 2000, length: 40000 }
variants:
  - { id: lru, baseline: true }
  - { id: weighted, threads: 3 }
  - { id: adaptive }
  - { id: lazy }
measure: { warmup: 0, runs: 1, dhat: false }
targets:
  - { identical: [lru, weighted, adaptive, lazy], digest: values }
  - { metric: hit_rate, variant: weighted, at_least: 1 x baseline }
  - { metric: allocations, variant: weighted, at_most: 5000 }
";

#[test]
fn values_do_not_depend_on_who_keeps_them() {
    let (project, file) = Project::of("cache", CACHE);
    project.run(&["run", &file]).expect_code(0);
    let result = project.result("cache.default");
    for id in ["lru", "weighted", "adaptive", "lazy"] {
        let rate = &variant(&result, id)["metrics"]["hit_rate"]["median"];
        assert!(rate.as_f64().unwrap() > 0.3, "{id}: {rate}");
    }
}

const POOL: &str = r"
name: pool
workload: embeddings-pool
params: { operations: 20000, fill_bytes: 4194304, rounds: 2 }
matrix: { threads: [1, 3] }
variants:
  - { id: aligned, baseline: true }
  - { id: pool }
measure: { warmup: 0, runs: 1, count: false, dhat: false }
targets:
  - { identical: [aligned+threads=1, pool+threads=1], digest: words }
  - { identical: [aligned+threads=3, pool+threads=3], digest: words }
";

#[test]
fn blocks_of_the_pool_hold_what_was_written() {
    let (project, file) = Project::of("pool", POOL);
    project.run(&["run", &file]).expect_code(0);
    let result = project.result("pool.default");
    let metrics = &variant(&result, "pool+threads=3")["metrics"];
    for metric in ["cpu_over_aligned", "mapped_overhead", "fragmentation"] {
        assert!(
            metrics[metric]["median"].as_f64().is_some(),
            "{metric}: {metrics:#}"
        );
    }
}

#[test]
fn parameters_that_cannot_be_are_refused() {
    for (workload, id, params, said) in [
        (
            "embeddings-cache",
            "lru",
            "{ value_bytes: 3 }",
            "value_bytes is 3",
        ),
        (
            "embeddings-pool",
            "pool",
            "{ chunk_size: 1 }",
            "chunk_size is 1; it must be from 64",
        ),
    ] {
        let yaml = format!(
            "name: bad\nworkload: {workload}\nparams: {params}\nvariants: [{{ id: {id} }}]\nmeasure: {{ warmup: 0, runs: 1, dhat: false }}\n"
        );
        let (project, file) = Project::of("bad", &yaml);
        let ended = project.run(&["run", &file]);
        assert_ne!(ended.code, Some(0), "{}", ended.all());
        ended.expect_error(&[said]);
    }
}
