//! What appending, committing, reading and finding take.

use std::hint::black_box;
use std::path::Path;
use std::sync::Arc;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use plimsoll_embeddings::Codec;
use plimsoll_embeddings::codec::Full;
use plimsoll_embeddings::store::{Appender, Checks, CreateOptions, OpenOptions, Store};

/// Values of a row, and records of a store that is read.
const DIMENSION: usize = 768;
const RECORDS: usize = 20_000;

fn id(index: usize) -> u128 {
    (index as u128 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15_F39C_C060_5CED_C835)
}

fn appender(path: &Path, capacity: usize) -> Appender {
    let codec: Arc<dyn Codec> = Arc::new(Full::new(DIMENSION).expect("a dimension of codecs"));
    let options = CreateOptions {
        capacity: capacity as u64,
        replace: true,
        ..CreateOptions::default()
    };
    Appender::create(path, codec, &options).expect("a store in a directory of its own")
}

/// Numbers that no processor foresees.
fn places() -> impl FnMut() -> usize {
    let mut state = 1_u64;
    move || {
        state = state.wrapping_mul(0x5851_F42D_4C95_7F2D).wrapping_add(1);
        (state >> 33) as usize % RECORDS
    }
}

fn appending(criterion: &mut Criterion) {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("store");
    let row = vec![0.5_f32; DIMENSION];
    let mut group = criterion.benchmark_group("append");
    group.sample_size(20);
    group.throughput(Throughput::Elements(1000));
    group.bench_function("1000 rows, not committed", |bencher| {
        bencher.iter_batched_ref(
            || appender(&path, 1000),
            |appender| {
                for index in 0..1000 {
                    appender.append(id(index), &row).expect("room");
                }
            },
            BatchSize::PerIteration,
        );
    });
    for rows in [1, 1000] {
        group.throughput(Throughput::Elements(rows as u64));
        group.bench_function(format!("a commit of {rows}"), |bencher| {
            bencher.iter_batched_ref(
                || {
                    let mut appender = appender(&path, rows);
                    for index in 0..rows {
                        appender.append(id(index), &row).expect("room");
                    }
                    appender
                },
                |appender| appender.commit().expect("a disk"),
                BatchSize::PerIteration,
            );
        });
    }
    group.finish();
}

fn reading(criterion: &mut Criterion) {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("store");
    let mut filled = appender(&path, RECORDS);
    let row: Vec<f32> = (0..DIMENSION).map(|value| value as f32).collect();
    for index in 0..RECORDS {
        filled.append(id(index), &row).expect("room");
    }
    filled.commit().expect("a disk");
    drop(filled);
    let mut group = criterion.benchmark_group("read one record");
    group.throughput(Throughput::Bytes(4 * DIMENSION as u64));
    let checks = [
        ("never checked", Checks::Never),
        ("checked at first", Checks::FirstTouch),
        ("always checked", Checks::Always),
    ];
    for (name, checks) in checks {
        let options = OpenOptions {
            checks,
            ..OpenOptions::default()
        };
        let store = Store::open(&path, &options).expect("the store");
        let mut place = places();
        group.bench_function(name, |bencher| {
            bencher.iter(|| black_box(store.row(place()).expect("a record")[DIMENSION - 1]));
        });
    }
    let store = Store::open(&path, &OpenOptions::default()).expect("the store");
    let mut place = places();
    let mut payload = vec![0; store.payload()];
    group.bench_function("past the mapping", |bencher| {
        bencher.iter(|| {
            store
                .read_at(place(), black_box(&mut payload))
                .expect("a record")
        });
    });
    group.finish();
    criterion.bench_function("find the record of an id", |bencher| {
        bencher.iter(|| black_box(store.find(id(place())).expect("ids")));
    });
    drop(store);
    criterion.bench_function("open", |bencher| {
        bencher.iter(|| Store::open(&path, &OpenOptions::default()).expect("the store"));
    });
}

criterion_group!(benches, appending, reading);
criterion_main!(benches);
