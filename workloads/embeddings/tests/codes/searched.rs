//! Searches, exact ones and by codes.

use std::convert::Infallible;

use plimsoll_embeddings::codec::{Binary, BinaryQuery, Full, Product, Ranges, Sq8PerVector};
use plimsoll_embeddings::search::{
    Differences, Hit, Top, identical, inner_product, recall, rescored, scan, scan_in_parallel,
};
use plimsoll_embeddings::{Codec, Simd};
use proptest::prelude::*;

use super::golden::{self, DIMENSION};
use super::payloads::{decoded, encoded};

/// The best `k` for a query by the codes of a codec.
fn found(codec: &dyn Codec, payloads: &[u8], query: &[f32], k: usize) -> Vec<Hit> {
    let mut top = Top::new(k);
    let count = payloads.len() / codec.payload();
    scan(
        &*codec.scorer(query),
        payloads,
        codec.payload(),
        count,
        0,
        &mut top,
    );
    top.into_hits()
}

fn queries() -> Vec<Vec<f32>> {
    let queries = golden::floats("queries.f32");
    queries
        .chunks_exact(DIMENSION)
        .map(<[f32]>::to_vec)
        .collect()
}

#[test]
fn the_exact_top_ten_are_the_golden_ones() {
    let rows = golden::floats("vectors.f32");
    let golden = golden::bytes("top10_exact.u32");
    let golden: Vec<u64> = golden
        .as_chunks()
        .0
        .iter()
        .map(|&id| u64::from(u32::from_le_bytes(id)))
        .collect();
    for &simd in Simd::all() {
        let codec = Full::new(DIMENSION).unwrap().with_simd(simd);
        let payloads = encoded(&codec, &rows);
        for (query, truth) in queries().iter().zip(golden.chunks_exact(10)) {
            let hits = found(&codec, &payloads, query, 10);
            assert!(hits.iter().map(|hit| hit.index).eq(truth.iter().copied()));
            for hit in hits {
                let row = &rows[hit.index as usize * DIMENSION..][..DIMENSION];
                assert_eq!(hit.score.to_bits(), inner_product(query, row).to_bits());
            }
        }
    }
}

#[test]
fn codes_are_as_good_as_the_golden_figures_say() {
    let rows = golden::floats("vectors.f32");
    let expected = golden::expected();
    let mut ranges = Ranges::new(DIMENSION).unwrap();
    ranges.add(&rows).unwrap();
    let codebook = golden::bytes("pq.codebook.f32");
    let codecs: [(&str, Box<dyn Codec>, f64); 4] = [
        ("sq8_dim", Box::new(ranges.codec().unwrap()), 0.004),
        (
            "sq8_vec",
            Box::new(Sq8PerVector::new(DIMENSION).unwrap()),
            0.004,
        ),
        (
            "pq_m16",
            Box::new(Product::from_parameters(DIMENSION, 16, &codebook).unwrap()),
            0.004,
        ),
        (
            "binary",
            Box::new(Binary::new(DIMENSION, BinaryQuery::Signs).unwrap()),
            1e-9,
        ),
    ];
    let exact = Full::new(DIMENSION).unwrap();
    let exact_payloads = encoded(&exact, &rows);
    for (name, codec, tolerance) in codecs {
        let expected = |what: &str| expected[name][what].as_f64();
        let payloads = encoded(&*codec, &rows);
        let mut differences = Differences::default();
        let back = decoded(&*codec, &payloads);
        for (row, back) in rows
            .chunks_exact(DIMENSION)
            .zip(back.chunks_exact(DIMENSION))
        {
            differences.add(row, back);
        }
        let near = |found: f64, what: &str| {
            let golden = expected(what).unwrap();
            assert!(
                (found - golden).abs() <= 1e-9,
                "{name}: {found} for {what} {golden}"
            );
        };
        near(differences.mean_cosine_error(), "mean_cosine_error");
        if name != "binary" {
            near(differences.mean_square(), "mse");
            near(differences.mean_relative(), "relative_error");
            near(differences.most(), "max_abs_error");
        }
        let (mut share, mut rescored_share, mut same) = (0.0, 0.0, 0.0);
        for query in queries() {
            let truth = found(&exact, &exact_payloads, &query, 10);
            share += recall(&found(&*codec, &payloads, &query, 10), &truth) / 32.0;
            let exactly = |k| {
                let candidates = found(&*codec, &payloads, &query, k);
                let row = |index: u64| &rows[index as usize * DIMENSION..][..DIMENSION];
                let exact = |index| Ok::<_, Infallible>(inner_product(&query, row(index)));
                rescored(&candidates, 10, exact).unwrap()
            };
            rescored_share += recall(&exactly(100), &truth) / 32.0;
            same += f64::from(u8::from(identical(&exactly(20), &truth))) / 32.0;
        }
        let golden = expected("recall_at_10").unwrap();
        assert!(
            (share - golden).abs() <= tolerance,
            "{name}: recall {share} for {golden}"
        );
        if let Some(golden) = expected("recall_at_10_rescored_from_100") {
            assert!(
                (rescored_share - golden).abs() <= tolerance,
                "{name}: {rescored_share}"
            );
        }
        if let Some(golden) = expected("rescored_top10_identical_from_20") {
            assert!((same - golden).abs() <= 1e-9, "{name}: {same}");
        }
    }
}

#[test]
fn threads_change_nothing() {
    let count = 50_000;
    let codec = Binary::new(16, BinaryQuery::Signs).unwrap();
    let payloads: Vec<u8> = (0..2 * count).map(|at| (at * 7919 % 251) as u8).collect();
    let query: Vec<f32> = (0..16).map(|at| (at % 3) as f32 - 1.0).collect();
    let scorer = codec.scorer(&query);
    let mut top = Top::new(100);
    scan(&*scorer, &payloads, 2, count, 5, &mut top);
    let one = top.into_hits();
    for threads in [1, 2, 8] {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        let many = pool.install(|| scan_in_parallel(&*scorer, &payloads, 2, count, 5, 100));
        assert!(identical(&many.into_hits(), &one));
    }
}

proptest! {
    #[test]
    fn the_best_are_the_first_of_all_sorted(
        scores in proptest::collection::vec(prop_oneof![
            (0_i8..5).prop_map(f32::from), Just(f32::NAN), Just(-0.0), Just(f32::INFINITY), Just(f32::NEG_INFINITY)
        ], 0..200),
        k in 0_usize..20,
        cut in 0_usize..200,
    ) {
        let least = |score: f32| if score.is_nan() { f32::NEG_INFINITY } else { score };
        let mut all: Vec<Hit> = (0..).zip(&scores).map(|(index, &score)| Hit { index, score: least(score) }).collect();
        all.sort_by(|a, b| b.score.partial_cmp(&a.score).expect("numbers").then(a.index.cmp(&b.index)));
        all.truncate(k);
        let (first, second) = scores.split_at(cut.min(scores.len()));
        // The second half before the first.
        let mut top = Top::new(k);
        top.offer(first.len() as u64, second);
        let mut other = Top::new(k);
        other.offer(0, first);
        top.merge(other);
        prop_assert_eq!(top.into_hits(), all);
    }
}

#[test]
fn a_failing_original_ends_the_rescoring() {
    let candidates = [3, 1, 2].map(|index| Hit { index, score: 0.0 });
    let mut asked = Vec::new();
    let result = rescored(&candidates, 2, |index| {
        asked.push(index);
        if index == 2 { Err("damaged") } else { Ok(1.0) }
    });
    assert_eq!((result, asked), (Err("damaged"), vec![1, 2]));
}
