//! Making vectors and handing them on, some megabytes at a time: what is held does not depend on how many there are.

use std::time::Instant;

use plimsoll_workload::Failure;

use super::steps::Job;
use crate::account::{Held, heap_bytes};
use crate::measures::{self, APPEND_CPU, APPEND_WALL, INGEST_ANONYMOUS, RESUMED};

/// Bytes of the vectors of a chunk.
const CHUNK: usize = 8 << 20;

/// Neighbouring vectors.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Chunk<'a> {
    /// Number of the first.
    pub(crate) first: usize,
    pub(crate) ids: &'a [u128],
    /// One after the other.
    pub(crate) rows: &'a [f32],
}

/// Vectors from a number on, chunk by chunk.
#[derive(Debug)]
pub(crate) struct Chunks<'a> {
    job: Job<'a>,
    from: usize,
}

impl<'a> Chunks<'a> {
    /// All those that are not stored yet.
    pub(crate) fn from(job: &Job<'a>, from: usize) -> Self {
        Self { job: *job, from }
    }

    /// Hands every chunk to `take`, then calls `end`; reports what these two took of time and memory. Ends early where the run is
    /// told to.
    pub(crate) fn each<S>(
        self,
        sink: &mut S,
        take: impl Fn(&mut S, &Chunk<'_>) -> Result<(), Failure>,
        end: impl Fn(&mut S) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let Self { job, from } = self;
        let (n, dim) = (job.params.n, job.params.dim);
        measures::report(job.context, RESUMED, from as f64);
        let progress = job.context.progress("vectors", Some(n as u64));
        progress.set(from as u64);
        let per_chunk = (CHUNK / (4 * dim)).clamp(1, n);
        let mut rows = vec![0.0_f32; per_chunk * dim];
        let mut ids = Vec::with_capacity(per_chunk);
        let bytes = heap_bytes(&rows) + heap_bytes(&ids);
        let held = Held::new(job.context, "buffers", bytes);
        let mut spent = Spent::default();
        for first in (from..n).step_by(per_chunk) {
            let count = per_chunk.min(n - first);
            let rows = &mut rows[..count * dim];
            job.generator.rows_in_parallel(first as u64, rows);
            ids.clear();
            ids.extend((first..first + count).map(|number| id_of(&job, number as u64)));
            let chunk = Chunk {
                first,
                ids: &ids,
                rows,
            };
            spent.on(|| take(sink, &chunk))?;
            spent.look(&job);
            progress.set((first + count) as u64);
            if job.context.cancelled() {
                break;
            }
        }
        spent.on(|| end(sink))?;
        spent.look(&job);
        spent.report(&job, n - from);
        drop(held);
        Ok(())
    }
}

/// The id of a vector.
pub(crate) fn id_of(job: &Job<'_>, number: u64) -> u128 {
    u128::from_le_bytes(job.generator.id(number))
}

#[derive(Debug, Default)]
struct Spent {
    cpu: f64,
    wall: f64,
    anonymous: u64,
}

impl Spent {
    fn on<R>(&mut self, work: impl FnOnce() -> R) -> R {
        let (cpu, wall) = (measures::cpu_seconds(), Instant::now());
        let result = work();
        self.cpu += measures::cpu_seconds() - cpu;
        self.wall += wall.elapsed().as_secs_f64();
        result
    }

    fn look(&mut self, job: &Job<'_>) {
        let now = job.context.resident_anonymous();
        self.anonymous = self.anonymous.max(now.unwrap_or_default().0);
    }

    fn report(&self, job: &Job<'_>, vectors: usize) {
        if vectors > 0 {
            measures::report(job.context, APPEND_CPU, self.cpu / vectors as f64);
            measures::report(job.context, APPEND_WALL, self.wall / vectors as f64);
        }
        if self.anonymous > 0 {
            measures::report(job.context, INGEST_ANONYMOUS, self.anonymous as f64);
        }
    }
}
