//! The kernels of deltas and of plain blocks, on segments of 10,000 bases that differ by one change in about 260.

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use plimsoll_segments::delta::{Columns, Encoder, decode, extend, hashed};
use plimsoll_segments::generate::Random;
use plimsoll_segments::pack::OpenPack;
use plimsoll_segments::{plain, two_bit};

const BASES: usize = 10_000;
const MIN_MATCH: u32 = 20;

/// Segments that no branch predictor learns by heart.
const PAIRS: usize = 100;

fn bases(random: &mut Random, count: usize) -> Vec<u8> {
    (0..count).map(|_| random.below(4) as u8).collect()
}

/// A copy with a substitution, or in one case of eight a short insertion or deletion, about every `gap` bases.
fn relative(random: &mut Random, parent: &[u8], gap: usize) -> Vec<u8> {
    let mut text = Vec::with_capacity(parent.len() + 100);
    let mut at = 0;
    loop {
        let next = at + 1 + random.below(2 * gap - 1);
        let Some(kept) = parent.get(at..next) else {
            text.extend_from_slice(&parent[at..]);
            return text;
        };
        text.extend_from_slice(kept);
        at = match random.below(16) {
            0 => {
                let length = 1 + random.below(4);
                text.extend(bases(random, length));
                next
            }
            1 => (next + 1 + random.below(4)).min(parent.len()),
            _ => {
                let last = text.len() - 1;
                text[last] = (text[last] + 1 + random.below(3) as u8) % 4;
                next
            }
        };
    }
}

/// References, and of each a text.
fn pairs(gap: usize) -> Vec<(Vec<u8>, Vec<u8>)> {
    let mut random = Random::new(1);
    let pair = |_| {
        let reference = bases(&mut random, BASES);
        let text = relative(&mut random, &reference, gap);
        (reference, text)
    };
    (0..PAIRS).map(pair).collect()
}

fn encode(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("encode");
    group.throughput(Throughput::Elements(PAIRS as u64));
    let mut out = Columns::default();
    for gap in [60, 260, 2_000] {
        let pairs = pairs(gap);
        group.bench_function(BenchmarkId::new("hashed", gap), |bencher| {
            bencher.iter(|| {
                for (reference, text) in &pairs {
                    hashed::encode(text, reference, MIN_MATCH, &mut out);
                    black_box(&out);
                }
            });
        });
        let mut encoder = Encoder::new(MIN_MATCH);
        group.bench_function(BenchmarkId::new("scratch", gap), |bencher| {
            bencher.iter(|| {
                for (reference, text) in &pairs {
                    encoder.encode(text, reference, &mut out);
                    black_box(&out);
                }
            });
        });
        let (reference, _) = &pairs[0];
        let texts: Vec<_> = (0..PAIRS)
            .map(|seed| relative(&mut Random::new(seed as u64), reference, gap))
            .collect();
        group.bench_function(BenchmarkId::new("scratch, one reference", gap), |bencher| {
            bencher.iter(|| {
                let mut against = encoder.against(reference);
                for text in &texts {
                    against.encode(text, &mut out);
                    black_box(&out);
                }
            });
        });
    }
    group.finish();
}

fn decoding(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("decode");
    group.throughput(Throughput::Elements(PAIRS as u64));
    let mut encoder = Encoder::new(MIN_MATCH);
    let delta = |(reference, text): (Vec<u8>, Vec<u8>)| {
        let mut delta = Columns::default();
        encoder.encode(&text, &reference, &mut delta);
        (delta, reference, text.len())
    };
    let deltas: Vec<_> = pairs(260).into_iter().map(delta).collect();
    let mut out = Vec::new();
    group.bench_function("260", |bencher| {
        bencher.iter(|| {
            for (delta, reference, length) in &deltas {
                decode(
                    &delta.lens,
                    &delta.pos,
                    &delta.lits,
                    reference,
                    *length,
                    &mut out,
                )
                .expect("a delta that was just encoded");
                black_box(&out);
            }
        });
    });
    group.finish();
}

/// Two equal strings: what the extension costs where it runs on.
fn match_extension(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("match extension");
    let codes = bases(&mut Random::new(2), BASES);
    for length in [20, 260, BASES] {
        let (a, b) = (codes[..length].to_vec(), codes[..length].to_vec());
        group.throughput(Throughput::Bytes(length as u64));
        group.bench_function(BenchmarkId::new("words", length), |bencher| {
            bencher.iter(|| extend::common_prefix(black_box(&a), black_box(&b)));
        });
        group.bench_function(BenchmarkId::new("scalar", length), |bencher| {
            bencher.iter(|| extend::common_prefix_scalar(black_box(&a), black_box(&b)));
        });
    }
    group.finish();
}

fn packing(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("two bits");
    group.throughput(Throughput::Bytes(BASES as u64));
    let codes = bases(&mut Random::new(3), BASES);
    let mut packed = Vec::new();
    group.bench_function("pack", |bencher| {
        bencher.iter(|| {
            packed.clear();
            two_bit::pack(black_box(&codes), &mut packed);
        });
    });
    let mut out = Vec::new();
    group.bench_function("unpack", |bencher| {
        bencher.iter(|| {
            out.clear();
            two_bit::unpack(black_box(&packed), BASES, &mut out);
        });
    });
    let mut block = Vec::new();
    plain::write(&codes, &mut block);
    group.bench_function("block equals", |bencher| {
        bencher.iter(|| plain::equals(black_box(&block), black_box(&codes)));
    });
    group.finish();
}

fn packs(criterion: &mut Criterion) {
    const DELTAS: usize = 50;
    let mut group = criterion.benchmark_group("pack");
    group.throughput(Throughput::Elements(DELTAS as u64));
    let reference = bases(&mut Random::new(4), BASES);
    let mut encoder = Encoder::new(MIN_MATCH);
    let delta = |seed| {
        let mut delta = Columns::default();
        encoder.encode(
            &relative(&mut Random::new(seed), &reference, 260),
            &reference,
            &mut delta,
        );
        delta
    };
    let deltas: Vec<_> = (0..DELTAS as u64).map(delta).collect();
    let mut payload = Vec::new();
    group.bench_function("fill and close", |bencher| {
        bencher.iter(|| {
            let mut pack = OpenPack::default();
            for delta in &deltas {
                if pack.find(&[], delta).is_none() {
                    pack.push(delta);
                }
            }
            payload.clear();
            pack.payload(&[], &mut payload);
            black_box(&payload);
        });
    });
    group.finish();
}

criterion_group!(benches, encode, decoding, match_extension, packing, packs);
criterion_main!(benches);
