//! The kernels of the two bounded searches: interner, intersection, digest, sorting, whole searches.

use std::hint::black_box;

use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use plimsoll_ortho::digest::ortho_hash;
use plimsoll_ortho::interner::{Interner, Node};
use plimsoll_ortho::level_wise::{self, sort_unique};
use plimsoll_ortho::{Options, Params, Texts, depth_first};
use plimsoll_workload::{Bytes, Context};

/// Vocabulary and sentences of generated texts, and how many orthos they hold.
const SIZES: [(u32, u32, u64); 2] = [(500, 1_200, 88_457), (1_000, 4_000, 574_291)];

const OPTIONS: Options = Options {
    max_filled: None,
    buffer: Bytes(16 << 20),
};

fn text(vocabulary: u32, sentences: u32) -> String {
    let params = Params {
        vocabulary,
        sentences,
        ..Params::default()
    };
    let mut text = Vec::new();
    params
        .generate(&mut text)
        .expect("writing to memory succeeds");
    String::from_utf8(text).expect("generated text is ASCII")
}

fn intern(criterion: &mut Criterion) {
    let text = text(2_000, 16_000);
    let mut group = criterion.benchmark_group("interner");
    group.throughput(Throughput::Bytes(text.len() as u64));
    group.sample_size(20);
    group.bench_function("build", |bencher| {
        bencher.iter(|| {
            let mut interner = Interner::default();
            interner.add(black_box(&text)).expect("a text that fits");
            interner
        });
    });
    group.finish();
}

fn intersect(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("intersect");
    let mut interner = Interner::default();
    interner
        .add(&text(2_000, 16_000))
        .expect("a text that fits");
    let trie = interner.trie();
    let pairs: Vec<_> = (1..=1_000).map(|token| (token, token + 1_000)).collect();
    group.throughput(Throughput::Elements(pairs.len() as u64));
    group.bench_function("two words", |bencher| {
        let mut out = Vec::new();
        bencher.iter(|| {
            for &(a, b) in &pairs {
                out.clear();
                trie.intersect_pair(Node::of(a), Node::of(b), &mut out);
                black_box(&out);
            }
        });
    });
    group.bench_function("three words", |bencher| {
        let mut out = Vec::new();
        bencher.iter(|| {
            for &(a, b) in &pairs {
                out.clear();
                trie.intersect(&mut [a, b, a + 1].map(Node::of), &mut out);
                black_box(&out);
            }
        });
    });
    group.bench_function("a word and a pair of words", |bencher| {
        let mut out = Vec::new();
        bencher.iter(|| {
            for &(a, b) in &pairs {
                out.clear();
                let first = trie.children(Node::of(a)).first().copied();
                if let Some(node) = trie.node([Some(a), first].into_iter().flatten()) {
                    trie.intersect_pair(node, Node::of(b), &mut out);
                }
                black_box(&out);
            }
        });
    });
    group.finish();
}

fn digest(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("digest");
    for dims in [vec![2, 2], vec![3, 2], vec![2, 2, 2], vec![2, 2, 2, 2]] {
        let cells: Vec<u32> = (0..dims.iter().product::<usize>() as u32).collect();
        group.bench_function(
            BenchmarkId::from_parameter(format!("{dims:?}")),
            |bencher| {
                bencher.iter(|| ortho_hash(black_box(&dims), black_box(&cells)));
            },
        );
    }
    group.finish();
}

fn sort(criterion: &mut Criterion) {
    const ROWS: usize = 200_000;
    let mut group = criterion.benchmark_group("sort_unique");
    group.throughput(Throughput::Elements(ROWS as u64));
    group.sample_size(20);
    for stride in [1, 2, 3, 8] {
        let keys: Vec<u64> = (0..(ROWS * stride) as u64)
            .map(|i| plimsoll_ortho::digest::mix(i / 2 * 2))
            .collect();
        group.bench_function(BenchmarkId::from_parameter(stride * 8), |bencher| {
            bencher.iter_batched(
                || keys.clone(),
                |mut keys| {
                    sort_unique(&mut keys, stride);
                    keys
                },
                BatchSize::LargeInput,
            );
        });
    }
    group.finish();
}

fn search(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("search");
    group.sample_size(10);
    for (vocabulary, sentences, orthos) in SIZES {
        let texts = Texts::in_memory([text(vocabulary, sentences)]);
        group.throughput(Throughput::Elements(orthos));
        group.bench_function(BenchmarkId::new("depth-first", orthos), |bencher| {
            let scratch = tempfile::tempdir().expect("a temporary directory");
            let context = Context::detached(scratch.path());
            bencher.iter(|| {
                let found = depth_first::search(&texts, &OPTIONS, &context);
                assert_eq!(found.expect("a search that ends")[0].orthos, orthos);
            });
        });
        group.bench_function(BenchmarkId::new("level-wise", orthos), |bencher| {
            bencher.iter_batched(
                || tempfile::tempdir().expect("a temporary directory"),
                |scratch| {
                    let context = Context::detached(scratch.path());
                    let found = level_wise::search(&texts, &OPTIONS, &context);
                    assert_eq!(found.expect("a search that ends")[0].orthos, orthos);
                    scratch
                },
                BatchSize::PerIteration,
            );
        });
    }
    group.finish();
}

criterion_group!(benches, intern, intersect, digest, sort, search);
criterion_main!(benches);
