//! Traces of accesses.

use plimsoll_embeddings::data::{Trace, TraceError, TraceOptions};

use super::golden;

const GOLDEN: TraceOptions = TraceOptions {
    universe: 10_000,
    length: 120_000,
    exponent: 1.0,
    drift: 0,
    scan: 0.0,
    writes: 0.0,
    seed: 20_260_103,
};

#[test]
fn the_golden_trace_comes_out() {
    let expected = &golden::expected()["zipf"];
    let trace = Trace::new(&GOLDEN).unwrap();
    assert_eq!(trace.len(), 120_000);
    assert_eq!(u64::from(trace.crc32()), expected["crc32"]);
    assert_eq!(u64::from(trace.keys_by_rank()[0]), expected["top_key"]);
    let mut keys: Vec<u32> = trace.iter().map(|access| access.key).collect();
    keys.sort_unstable();
    keys.dedup();
    assert_eq!(keys.len() as u64, expected["distinct"]);
    assert!(trace.iter().all(|access| !access.scan && !access.write));
}

#[test]
fn other_exponents_give_the_share_that_they_promise() {
    for exponent in [0.0, 0.8, 1.2] {
        let options = TraceOptions { exponent, ..GOLDEN };
        let trace = Trace::new(&options).unwrap();
        let power = |rank: u32| f64::from(rank).powf(-exponent);
        let all: f64 = (1..=options.universe).map(power).sum();
        let first: f64 = (1..=100).map(power).sum();
        let hot = &trace.keys_by_rank()[..100];
        let found = trace
            .iter()
            .filter(|access| hot.contains(&access.key))
            .count();
        let found = found as f64 / trace.len() as f64;
        assert!(
            (found - first / all).abs() < 0.01,
            "{exponent}: {found} for {}",
            first / all
        );
    }
}

#[test]
fn drift_moves_the_ranks_at_each_fifth() {
    let still = Trace::new(&GOLDEN).unwrap();
    let moving = Trace::new(&TraceOptions {
        drift: 80,
        ..GOLDEN
    })
    .unwrap();
    let keys = still.keys_by_rank();
    let mut rank = vec![0; keys.len()];
    for (at, &key) in keys.iter().enumerate() {
        rank[key as usize] = at;
    }
    let fifth = GOLDEN.length / 5;
    for (at, (one, other)) in still.iter().zip(moving.iter()).enumerate() {
        let moved = (rank[one.key as usize] + at / fifth * 80) % keys.len();
        assert_eq!(keys[moved], other.key);
    }
}

#[test]
fn a_scan_walks_all_keys_in_order_and_again() {
    let trace = Trace::new(&TraceOptions {
        scan: 0.2,
        ..GOLDEN
    })
    .unwrap();
    let walk = trace
        .iter()
        .filter(|access| access.scan)
        .map(|access| access.key);
    let walk: Vec<u32> = walk.collect();
    assert!(
        walk.iter()
            .copied()
            .eq((0..10_000).cycle().take(walk.len()))
    );
    assert!((walk.len() as f64 / 120_000.0 - 0.2).abs() < 0.01);
    let still = Trace::new(&GOLDEN).unwrap();
    for (one, other) in still.iter().zip(trace.iter()) {
        assert!(other.scan || one == other);
    }
}

#[test]
fn writes_are_their_share() {
    let count = |writes| {
        let trace = Trace::new(&TraceOptions { writes, ..GOLDEN }).unwrap();
        trace.iter().filter(|access| access.write).count()
    };
    assert!((count(0.1) as f64 / 12_000.0 - 1.0).abs() < 0.05);
    assert_eq!((count(0.0), count(1.0)), (0, 120_000));
}

#[test]
fn impossible_traces_are_refused() {
    let problem = |options| Trace::new(&options).err();
    assert_eq!(
        problem(TraceOptions {
            universe: 0,
            ..GOLDEN
        }),
        Some(TraceError::Universe(0))
    );
    assert_eq!(
        problem(TraceOptions {
            exponent: -1.0,
            ..GOLDEN
        }),
        Some(TraceError::Exponent(-1.0))
    );
    let share = |of| Some(TraceError::Share { of, share: 1.5 });
    assert_eq!(
        problem(TraceOptions {
            scan: 1.5,
            ..GOLDEN
        }),
        share("scan")
    );
    assert_eq!(
        problem(TraceOptions {
            writes: 1.5,
            ..GOLDEN
        }),
        share("writes")
    );
    let empty = Trace::new(&TraceOptions {
        length: 0,
        ..GOLDEN
    })
    .unwrap();
    assert!(empty.is_empty());
}
