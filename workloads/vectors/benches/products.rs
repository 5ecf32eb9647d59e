//! Dot products of int8 rows by every kernel of this processor, against reading memory and doing nothing with it.

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use plimsoll_vectors::index::kernels::{Kernel, UNIT};

/// Codes in a row.
const DIM: usize = 1536;

/// Rows that fit the first cache, the third one, and none.
const PLACES: [(&str, usize); 3] = [
    ("first cache", 16),
    ("third cache", 4096),
    ("memory", 128 << 10),
];

/// Rows that are multiplied at a time.
const TURN: usize = 4096;

/// Rows of codes, each at the beginning of a cache line.
struct Rows {
    codes: Vec<i8>,
    start: usize,
}

impl Rows {
    fn new(count: usize) -> Self {
        let codes: Vec<i8> = (0..count * DIM + UNIT)
            .map(|at| (at.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 56) as i8)
            .collect();
        let start = codes.as_ptr().align_offset(UNIT);
        Self { codes, start }
    }

    fn row(&self, at: usize) -> &[i8] {
        &self.codes[self.start + at * DIM..][..DIM]
    }
}

/// Rows in an order that no processor foresees, as a search asks for them.
fn products(criterion: &mut Criterion) {
    for (place, count) in PLACES {
        let rows = Rows::new(count);
        let mut group = criterion.benchmark_group(format!("products of rows in the {place}"));
        group.throughput(Throughput::Bytes((TURN * DIM) as u64));
        group.sample_size(20);
        for kernel in Kernel::all() {
            let query = vec![100_i8; DIM];
            let mut state = 1_u64;
            let mut four = || {
                std::array::from_fn::<_, 4, _>(|_| {
                    state = state.wrapping_mul(0x5851_F42D_4C95_7F2D).wrapping_add(1);
                    rows.row((state >> 33) as usize % count)
                })
            };
            group.bench_function(BenchmarkId::from_parameter(kernel.name()), |bencher| {
                bencher.iter(|| {
                    let mut now = four();
                    for _ in 0..TURN / 4 {
                        let next = four();
                        black_box(kernel.dot4(black_box(&query), now, [0; 4], next));
                        now = next;
                    }
                });
            });
        }
        group.finish();
    }
}

/// What memory gives at most to one thread, in order.
fn reading(criterion: &mut Criterion) {
    for (place, count) in PLACES {
        let words = vec![1_u64; count * DIM / 8];
        let mut group = criterion.benchmark_group(format!("reading the {place}"));
        group.throughput(Throughput::Bytes((count * DIM) as u64));
        group.sample_size(20);
        group.bench_function("sum", |bencher| {
            bencher.iter(|| {
                black_box(&words)
                    .iter()
                    .fold(0_u64, |sum, word| sum.wrapping_add(*word))
            });
        });
        group.finish();
    }
}

criterion_group!(benches, products, reading);
criterion_main!(benches);
