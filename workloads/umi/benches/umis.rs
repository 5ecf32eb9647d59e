//! UMIs packed, sorted and brought together, on position groups whose molecules have 2.7 templates each, with an error in
//! one of 500 letters.

use std::hint::black_box;
use std::path::Path;

use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use plimsoll_umi::kernels::{Group, pack, pack_turned};
use plimsoll_umi::{Params, Settings, Strategy};
use plimsoll_workload::Context;

/// The UMIs of so many templates, in any order.
fn umis(templates: usize, letters: usize) -> Vec<Vec<u8>> {
    let mut state = 1_u64;
    let mut next = || {
        // The generator of O'Neill, PCG (2014), with its output function of fewest instructions.
        state = state
            .wrapping_mul(0x5851_f42d_4c95_7f2d)
            .wrapping_add(0x1405_7b7e_f767_814f);
        ((state >> 22) ^ state) >> (22 + (state >> 61)) & u64::from(u32::MAX)
    };
    let molecules = (templates * 10).div_ceil(27);
    let mut letter = || b"ACGT"[next() as usize % 4];
    let all: Vec<Vec<u8>> = (0..molecules)
        .map(|_| (0..letters).map(|_| letter()).collect())
        .collect();
    let template = |_| {
        let mut umi = all[next() as usize % molecules].clone();
        for letter in &mut umi {
            if next().is_multiple_of(500) {
                *letter = b"ACGT"[next() as usize % 4];
            }
        }
        umi
    };
    (0..templates).map(template).collect()
}

fn group_of(umis: &[Vec<u8>]) -> Group {
    Group::of(umis.iter().map(Vec::as_slice)).expect("UMIs of one form")
}

fn settings(strategy: Strategy, edits: u32) -> Settings {
    let params = Params {
        strategy,
        edits,
        ..Params::default()
    };
    params.settings().expect("settings in their ranges")
}

fn packing(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("pack");
    for letters in [12, 18] {
        let umis = umis(4096, letters);
        group.throughput(Throughput::Elements(umis.len() as u64));
        group.bench_function(BenchmarkId::new("letters", letters), |bencher| {
            bencher.iter(|| {
                umis.iter()
                    .filter_map(|umi| pack(black_box(umi)))
                    .fold(0, |all, code| all ^ code)
            });
        });
    }
    let halves: Vec<Vec<u8>> = umis(4096, 16)
        .iter()
        .map(|umi| [&umi[..8], b"-", &umi[8..]].concat())
        .collect();
    group.bench_function("halves of 8, turned", |bencher| {
        bencher.iter(|| {
            halves
                .iter()
                .filter_map(|umi| pack_turned(black_box(umi)))
                .fold(0, |all, code| all ^ code)
        });
    });
    group.finish();
}

/// From templates in the order of the file to numbers of equal UMIs.
fn grouping(criterion: &mut Criterion) {
    let context = Context::detached(Path::new("."));
    let settings = settings(Strategy::Identity, 0);
    let mut group = criterion.benchmark_group("group equal UMIs");
    group.sample_size(20);
    for (templates, threads) in [
        (8, 1),
        (1000, 1),
        (40_000, 1),
        (1_000_000, 1),
        (1_000_000, 2),
    ] {
        let unsorted = group_of(&umis(templates, 12));
        group.throughput(Throughput::Elements(templates as u64));
        let id = BenchmarkId::new(format!("threads {threads}, templates"), templates);
        group.bench_function(id, |bencher| {
            bencher.iter_batched_ref(
                || unsorted.clone(),
                |templates| {
                    templates.sort(threads);
                    templates.number(&settings, &context)
                },
                BatchSize::LargeInput,
            );
        });
    }
    group.finish();
}

/// Sorted templates to molecules of neighbouring UMIs.
fn neighbours(criterion: &mut Criterion) {
    let context = Context::detached(Path::new("."));
    for (strategy, name) in [(Strategy::Edit, "edit"), (Strategy::Adjacency, "adjacency")] {
        for letters in [12, 18] {
            let mut group =
                criterion.benchmark_group(format!("{name}, {letters} letters, templates"));
            group.sample_size(10);
            for templates in [100, 1000, 40_000] {
                let mut sorted = group_of(&umis(templates, letters));
                sorted.sort(1);
                group.throughput(Throughput::Elements(templates as u64));
                for edits in [1, 2] {
                    let settings = settings(strategy, edits);
                    let id = BenchmarkId::new(format!("{edits} edits"), templates);
                    group.bench_function(id, |bencher| {
                        bencher.iter_batched_ref(
                            || sorted.clone(),
                            |templates| templates.number(&settings, &context),
                            BatchSize::LargeInput,
                        );
                    });
                }
            }
            group.finish();
        }
    }
}

criterion_group!(benches, packing, grouping, neighbours);
criterion_main!(benches);
