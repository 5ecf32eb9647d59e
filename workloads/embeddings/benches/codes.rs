//! Encoding, decoding and scoring of vectors of 768 values by each encoding, and making them.

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use plimsoll_embeddings::codec::{Binary, BinaryQuery, Full, Half, Product, Ranges, Sq8PerVector};
use plimsoll_embeddings::data::{DataSet, Generator};
use plimsoll_embeddings::{Codec, Simd};

const DIMENSION: usize = 768;

/// Rows at a time: their codes stay in the second cache, those of floats in the third.
const ROWS: usize = 1024;

fn generator() -> Generator {
    Generator::new(DataSet::Default, DIMENSION, 10, 1).expect("a shape")
}

fn rows() -> Vec<f32> {
    let mut rows = vec![0.0; ROWS * DIMENSION];
    generator().rows(0, &mut rows);
    rows
}

/// All codecs, by these instructions.
fn codecs(simd: Simd, rows: &[f32]) -> Vec<(&'static str, Box<dyn Codec>)> {
    let mut ranges = Ranges::new(DIMENSION).expect("a dimension");
    ranges.add(rows).expect("finite rows");
    let product = |codes| {
        let codec = Product::train(DIMENSION, codes, rows, 1).expect("enough rows");
        Box::new(codec.with_simd(simd))
    };
    let binary = |query| {
        Box::new(
            Binary::new(DIMENSION, query)
                .expect("a dimension")
                .with_simd(simd),
        )
    };
    vec![
        (
            "f32",
            Box::new(Full::new(DIMENSION).expect("a dimension").with_simd(simd)),
        ),
        (
            "f16",
            Box::new(Half::new(DIMENSION).expect("a dimension").with_simd(simd)),
        ),
        (
            "sq8 dimension",
            Box::new(ranges.codec().expect("ranges").with_simd(simd)),
        ),
        (
            "sq8 vector",
            Box::new(
                Sq8PerVector::new(DIMENSION)
                    .expect("a dimension")
                    .with_simd(simd),
            ),
        ),
        ("pq 192", product(192)),
        ("pq 96", product(96)),
        ("binary signs", binary(BinaryQuery::Signs)),
        ("binary values", binary(BinaryQuery::Values)),
    ]
}

fn codes(criterion: &mut Criterion) {
    let rows = rows();
    for &simd in Simd::all() {
        for (name, codec) in codecs(simd, &rows) {
            let payload = codec.payload();
            let mut group = criterion.benchmark_group(name);
            group.sample_size(20);
            let id = |what| BenchmarkId::new(what, simd.name());
            let mut payloads = vec![0; ROWS * payload];
            let all = |payloads: &mut [u8]| {
                for (row, payload) in rows
                    .chunks_exact(DIMENSION)
                    .zip(payloads.chunks_exact_mut(payload))
                {
                    black_box(codec.encode(black_box(row), payload)).expect("finite rows");
                }
            };
            all(&mut payloads);
            group.throughput(Throughput::Bytes((4 * DIMENSION * ROWS) as u64));
            group.bench_function(id("encode"), |bencher| {
                bencher.iter(|| all(&mut vec![0; ROWS * payload]))
            });
            let mut back = vec![0.0; DIMENSION];
            group.bench_function(id("decode"), |bencher| {
                bencher.iter(|| {
                    for payload in payloads.chunks_exact(payload) {
                        codec.decode(black_box(payload), black_box(&mut back));
                    }
                });
            });
            group.throughput(Throughput::Bytes((payload * ROWS) as u64));
            let scorer = codec.scorer(&rows[..DIMENSION]);
            let mut scores = vec![0.0; ROWS];
            group.bench_function(id("score"), |bencher| {
                bencher
                    .iter(|| scorer.score(black_box(&payloads), payload, black_box(&mut scores)));
            });
            group.bench_function(id("scorer"), |bencher| {
                bencher.iter(|| black_box(codec.scorer(black_box(&rows[..DIMENSION]))));
            });
            group.finish();
        }
    }
}

fn making(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("making a vector");
    group.throughput(Throughput::Bytes(4 * DIMENSION as u64));
    for &simd in Simd::all() {
        let generator = generator().with_simd(simd);
        let mut row = vec![0.0; DIMENSION];
        let mut index = 0;
        group.bench_function(simd.name(), |bencher| {
            bencher.iter(|| {
                generator.row(index, black_box(&mut row));
                index += 1;
            });
        });
    }
    group.finish();
}

criterion_group!(benches, codes, making);
criterion_main!(benches);
