//! Orthos through each queue, with a buffer so small that nearly all of them go through the disk.

use std::hint::black_box;
use std::path::Path;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use plimsoll_ortho::fifo::HeapOrtho;
use plimsoll_ortho::queue::{
    BufferedQueue, DiskStore, MemoryQueue, MmapStore, QueueError, RedbStore, SqliteStore, WorkQueue,
};
use plimsoll_workload::Bytes;

const ORTHOS: usize = 100_000;
const BUFFER: Bytes = Bytes(512 << 10);

/// An ortho of the commonest shape, with word indices as in a vocabulary of 2,000.
fn ortho(number: usize) -> HeapOrtho {
    let word = |cell: usize| (cell < 5).then_some(number * (cell + 1) % 2000);
    HeapOrtho::new(1, vec![2, 2, 2], (0..8).map(word).collect())
}

/// Pushes all orthos, then pops them.
fn through(mut queue: impl WorkQueue) -> Result<(), QueueError> {
    for number in 0..ORTHOS {
        queue.push(ortho(number))?;
    }
    while let Some(ortho) = queue.pop()? {
        black_box(ortho);
    }
    Ok(())
}

fn bench<Q: WorkQueue>(
    criterion: &mut Criterion,
    name: &str,
    open: impl Fn(&Path) -> Result<Q, QueueError>,
) {
    let mut group = criterion.benchmark_group("push_pop");
    group.throughput(Throughput::Elements(ORTHOS as u64));
    group.sample_size(10);
    group.bench_function(name, |bencher| {
        bencher.iter_batched(
            || tempfile::tempdir().expect("a temporary directory"),
            |scratch| {
                open(scratch.path())
                    .and_then(through)
                    .expect("a working queue");
                scratch
            },
            BatchSize::PerIteration,
        );
    });
    group.finish();
}

fn queues(criterion: &mut Criterion) {
    bench(criterion, "memory", |_| Ok(MemoryQueue::default()));
    bench(criterion, "disk", |scratch| {
        Ok(BufferedQueue::new(DiskStore::create(scratch)?, BUFFER))
    });
    bench(criterion, "mmap", |scratch| {
        Ok(BufferedQueue::new(MmapStore::create(scratch)?, BUFFER))
    });
    bench(criterion, "sqlite", |scratch| {
        Ok(BufferedQueue::new(
            SqliteStore::create(scratch, BUFFER)?,
            BUFFER,
        ))
    });
    bench(criterion, "redb", |scratch| {
        Ok(BufferedQueue::new(
            RedbStore::create(scratch, BUFFER)?,
            BUFFER,
        ))
    });
}

criterion_group!(benches, queues);
criterion_main!(benches);
