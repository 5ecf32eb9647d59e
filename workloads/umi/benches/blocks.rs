//! BGZF in and out: what most of a grouping's time goes to. Bytes are those of a generated file once it is inflated.

use std::error::Error;
use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use plimsoll_umi::{Deflater, Params, Umi, inflate_all};
use plimsoll_workload::Workload;

/// Records of the file: some 6 MB, which fit no second cache.
const RECORDS: u64 = 20_000;

fn inflating(criterion: &mut Criterion) {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let params = Params {
        records: RECORDS,
        ..Params::default()
    };
    Umi::prepare(&params, directory.path()).expect("a file that can be generated");
    let file = directory.path().join("input.bam");
    let mut bytes = Vec::new();
    inflate_all(&file, |piece| {
        bytes.extend_from_slice(piece);
        Ok(())
    })
    .expect("a file that was just generated");

    let mut group = criterion.benchmark_group("BGZF");
    group.throughput(Throughput::Bytes(bytes.len() as u64));
    group.sample_size(20);
    group.bench_function("in", |bencher| {
        bencher.iter(|| {
            inflate_all(&file, |piece| {
                black_box(piece);
                Ok(())
            })
        });
    });
    for level in [1, 6] {
        let mut deflater = Deflater::new(level).expect("a level of libdeflate");
        let mut blocks = Vec::new();
        let mut deflate = || -> Result<(), Box<dyn Error>> {
            deflater.begin(std::mem::take(&mut blocks));
            deflater.push(black_box(&bytes))?;
            blocks = deflater.finish()?;
            Ok(())
        };
        group.bench_function(BenchmarkId::new("out, level", level), |bencher| {
            bencher.iter(&mut deflate);
        });
    }
    group.finish();
}

criterion_group!(benches, inflating);
criterion_main!(benches);
