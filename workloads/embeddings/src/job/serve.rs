//! Opening a store and asking it everything: every vector once, all queries, then the trace.

use std::num::NonZeroU64;
use std::time::Instant;

use plimsoll_workload::Failure;

use super::ingest::id_of;
use super::memory::{Resident, forget};
use super::steps::{Candidate, Job, Serving};
use super::{lazy, reading, share};
use crate::account::{Held, heap_bytes};
use crate::data::{Trace, TraceOptions};
use crate::measures::{
    self, BYTES_PER_VECTOR, DISK_PER_VECTOR, OPEN_TIME, POOL_SHARE, QUERY_CPU, QUERY_LATENCY,
    QUERY_P95, RESIDENT, RESIDENT_ANONYMOUS,
};

/// Of each file, what is opened from the disk and not from the page cache: headers, parameters and more.
const COLD: Option<NonZeroU64> = NonZeroU64::new(1 << 20);

/// Opens what the candidate has stored, and asks it everything.
pub(super) fn serve(candidate: &dyn Candidate, job: &Job<'_>) -> Result<(), Failure> {
    let (params, context) = (job.params, job.context);
    let trace = trace(job)?;
    let in_trace = 4 * (trace.len() + trace.keys_by_rank().len()) as u64;
    let mut queries = vec![0.0_f32; params.queries * params.dim];
    for (number, query) in (0..).zip(queries.chunks_exact_mut(params.dim)) {
        job.generator.query(number, query);
    }
    let held = Held::new(context, "trace", in_trace + heap_bytes(&queries));
    let mut on_disk = 0;
    let files = candidate.files(job);
    for path in &files {
        let file = path.metadata().map_err(|error| {
            Failure::Input(format!(
                "{}: {error}; run the step ingest first",
                path.display()
            ))
        })?;
        on_disk += file.len();
        forget(path, if params.cold_start { None } else { COLD })?;
    }
    measures::report(context, DISK_PER_VECTOR, on_disk as f64 / params.n as f64);
    let before = Resident::now(context).unwrap_or_default();
    let start = Instant::now();
    let mut serving = context.phase("open", || candidate.open(job))?;
    measures::report(context, OPEN_TIME, start.elapsed().as_secs_f64());
    serving.account();
    if params.pool_share {
        share::need_pool(&mut *serving)?;
    }
    if params.read_all {
        context.phase("read", || read_all(job, &trace, &mut *serving))?;
        serving.account();
    }
    search(job, &queries, &mut *serving)?;
    serving.account();
    if let Some(resident) = Resident::since(context, before) {
        let each = resident.all as f64 / params.n as f64;
        measures::report(context, RESIDENT, resident.all as f64);
        measures::report(context, RESIDENT_ANONYMOUS, resident.anonymous as f64);
        measures::report(context, BYTES_PER_VECTOR, each);
    }
    reading::follow(job, &trace, &mut *serving)?;
    if params.pool_share {
        let share = context.phase("share", || share::pool_share(job, &trace, &mut *serving))?;
        measures::report(context, POOL_SHARE, share);
    }
    serving.account();
    if let (Some(loader), [records, ..]) = (serving.loader(), &*files) {
        lazy::load(job, &trace, records, &loader, &mut *serving)?;
    }
    let answers = serving.answers()?;
    answers.report_digest(context);
    if let Some(path) = context.output() {
        answers.write(&path)?;
    }
    drop(held);
    Ok(())
}

/// What is read.
pub(crate) fn trace(job: &Job<'_>) -> Result<Trace, Failure> {
    let params = job.params;
    let options = TraceOptions {
        universe: params.n as u32,
        length: params.reads,
        exponent: params.exponent,
        drift: 0,
        scan: 0.0,
        writes: 0.0,
        seed: params.trace_seed,
    };
    Trace::new(&options).map_err(|error| Failure::Input(error.to_string()))
}

/// Reads every vector once, in the order in which the trace prefers them.
fn read_all(job: &Job<'_>, trace: &Trace, serving: &mut dyn Serving) -> Result<(), Failure> {
    let progress = job.context.progress("vectors", Some(job.params.n as u64));
    let mut row = vec![0.0; job.params.dim];
    for (at, key) in (1..).zip(trace.keys_by_rank()) {
        serving.read(id_of(job, (*key).into()), &mut row)?;
        if at % 4096 == 0 {
            progress.set(at);
        }
    }
    Ok(())
}

/// Searches for every query, once each.
fn search(job: &Job<'_>, queries: &[f32], serving: &mut dyn Serving) -> Result<(), Failure> {
    let Job {
        params, context, ..
    } = *job;
    if params.queries == 0 {
        return Ok(());
    }
    let k = params.k.min(params.n);
    let progress = context.progress("queries", Some(params.queries as u64));
    let mut times = Vec::with_capacity(params.queries);
    let cpu = measures::cpu_seconds();
    context.phase("search", || {
        for query in queries.chunks_exact(params.dim) {
            let start = Instant::now();
            serving.search(query, k)?;
            times.push(reading::nanoseconds(start));
            progress.add(1);
        }
        Ok::<_, Failure>(())
    })?;
    let cpu = measures::cpu_seconds() - cpu;
    measures::report(context, QUERY_CPU, cpu / params.queries as f64);
    measures::report_times(
        context,
        Some(QUERY_LATENCY),
        &[(0.95, QUERY_P95)],
        &mut times,
    );
    Ok(())
}
