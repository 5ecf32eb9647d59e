//! The kernels on k-mers: rolling them, cutting at splitters, and choosing splitters both ways.

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use plimsoll_segments::cut::{Cutter, segments_of};
use plimsoll_segments::generate::Random;
use plimsoll_segments::kmer::Roller;
use plimsoll_segments::splitters::{Reference, partitioned, sorted};

const K: u32 = 21;
const SEGMENT_SIZE: u32 = 10_000;

/// Bases: a small genome, too large for the second-level cache as an array of k-mers.
const BASES: usize = 2_000_000;

/// Codes that arrive at a time.
const PIECE: usize = 8 << 10;

/// Random bases, a tenth of them a copy of what is a little before.
fn genome() -> Vec<u8> {
    let mut random = Random::new(20_251_023);
    let mut codes = Vec::with_capacity(BASES);
    while codes.len() < BASES {
        let bits = random.bits();
        codes.extend((0..32).map(|base| (bits >> (2 * base) & 3) as u8));
        if bits.is_multiple_of(3_000) {
            let start = codes.len().saturating_sub(30_000);
            codes.extend_from_within(start..codes.len().min(start + 10_000));
        }
    }
    codes.truncate(BASES);
    codes
}

fn reference(codes: &[u8]) -> Reference {
    let mut reference = Reference::new(K);
    reference.begin_record();
    codes.chunks(PIECE).for_each(|piece| reference.push(piece));
    reference
}

fn roll(criterion: &mut Criterion) {
    let codes = genome();
    let mut group = criterion.benchmark_group("roll");
    group.throughput(Throughput::Elements(codes.len() as u64));
    group.sample_size(20);
    group.bench_function("codes", |bencher| {
        bencher.iter(|| {
            let mut roller = Roller::new(K);
            let kmers = black_box(&codes)
                .iter()
                .filter_map(|code| roller.push(*code));
            kmers.fold(0, |all, kmer| all ^ kmer.value)
        });
    });
    group.bench_function("pack", |bencher| {
        bencher.iter(|| reference(black_box(&codes)));
    });
    group.finish();
}

fn cut(criterion: &mut Criterion) {
    let codes = genome();
    let mut group = criterion.benchmark_group("cut");
    group.throughput(Throughput::Elements(codes.len() as u64));
    group.sample_size(20);
    for segment_size in [SEGMENT_SIZE, SEGMENT_SIZE / 20] {
        let splitters = partitioned::choose(&reference(&codes), segment_size, 4 << 20);
        group.bench_function(BenchmarkId::new("pieces", splitters.len()), |bencher| {
            bencher.iter(|| {
                let mut cutter = Cutter::new(K, &splitters);
                let mut found = 0;
                for mut piece in black_box(&codes).chunks(PIECE) {
                    while let Some((taken, _)) = cutter.scan(piece) {
                        found += 1;
                        piece = &piece[taken..];
                    }
                }
                found
            });
        });
        let hashed = sorted::choose(std::slice::from_ref(&codes), K, segment_size);
        group.bench_function(BenchmarkId::new("whole", splitters.len()), |bencher| {
            bencher.iter(|| segments_of(black_box(&codes), K, |value| hashed.contains(&value)));
        });
    }
    group.finish();
}

fn choose(criterion: &mut Criterion) {
    let records = [genome()];
    let reference = reference(&records[0]);
    let mut group = criterion.benchmark_group("choose");
    group.throughput(Throughput::Elements(BASES as u64));
    group.sample_size(10);
    group.bench_function("sorted", |bencher| {
        bencher.iter(|| sorted::choose(black_box(&records), K, SEGMENT_SIZE));
    });
    for memory in [1_usize, 2, 16].map(|mib| mib << 20) {
        group.bench_function(BenchmarkId::new("partitioned", memory), |bencher| {
            bencher.iter(|| partitioned::choose(black_box(&reference), SEGMENT_SIZE, memory));
        });
    }
    group.finish();
}

criterion_group!(benches, roll, cut, choose);
criterion_main!(benches);
