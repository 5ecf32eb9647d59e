//! Following the trace: once without a clock for each read, for the processor time; once more with one, for the latency and
//! the digest of every vector.

use std::hint::black_box;
use std::time::Instant;

use plimsoll_workload::Failure;
use xxhash_rust::xxh3::Xxh3;

use super::ingest::id_of;
use super::steps::{Job, Serving};
use crate::account::{Held, heap_bytes};
use crate::data::Trace;
use crate::measures::{self, HIT_RATE, READ_CPU, READ_LATENCY, READ_P50, READ_P99, VECTORS_DIGEST};
use crate::search::inner_product;

/// Nanoseconds since then; four seconds where it was longer.
pub(super) fn nanoseconds(start: Instant) -> u32 {
    u32::try_from(start.elapsed().as_nanos()).unwrap_or(u32::MAX)
}

/// Reads what the trace says, and reports what that takes.
pub(super) fn follow(
    job: &Job<'_>,
    trace: &Trace,
    serving: &mut dyn Serving,
) -> Result<(), Failure> {
    let context = job.context;
    if trace.is_empty() {
        return Ok(());
    }
    let mut query = vec![0.0; job.params.dim];
    job.generator.query(0, &mut query);
    let mut row = vec![0.0; job.params.dim];
    let before = serving.hits();
    let cpu = measures::cpu_seconds();
    context.phase("trace", || {
        trace.iter().try_for_each(|access| {
            serving.read(id_of(job, access.key.into()), &mut row)?;
            black_box(inner_product(&query, &row));
            Ok::<_, Failure>(())
        })
    })?;
    let cpu = measures::cpu_seconds() - cpu;
    measures::report(context, READ_CPU, cpu / trace.len() as f64);
    if let Some(((hits, misses), (hits_before, misses_before))) = serving.hits().zip(before) {
        let (hits, misses) = (hits - hits_before, misses - misses_before);
        if hits + misses > 0 {
            measures::report(context, HIT_RATE, hits as f64 / (hits + misses) as f64);
        }
    }
    let mut times = Vec::with_capacity(trace.len());
    let held = Held::new(context, "latencies", heap_bytes(&times));
    let mut hasher = Xxh3::new();
    context.phase("latency", || {
        trace.iter().try_for_each(|access| {
            let id = id_of(job, access.key.into());
            let start = Instant::now();
            serving.read(id, &mut row)?;
            black_box(inner_product(&query, &row));
            times.push(nanoseconds(start));
            hasher.update(bytemuck::cast_slice(&row));
            Ok::<_, Failure>(())
        })
    })?;
    let digest = context.digest(VECTORS_DIGEST);
    digest.finish_with(&format!("xxh3-128:{:032x}", hasher.digest128()));
    let percentiles = [(0.5, READ_P50), (0.99, READ_P99)];
    measures::report_times(context, Some(READ_LATENCY), &percentiles, &mut times);
    drop(held);
    Ok(())
}
