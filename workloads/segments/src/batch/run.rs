//! The phases, one after another.

use plimsoll_workload::Failure;
use rayon::ThreadPoolBuilder;

use super::encode::{self, Encoding, Way};
use super::group::group;
use super::load::load;
use super::tools::Tools;
use super::write::write;
use crate::job::Job;
use crate::report::Totals;
use crate::whole::splitters;

/// The baseline: segments are cloned as they are handed on.
pub(crate) fn batch(job: &Job<'_>) -> Result<Option<Totals>, Failure> {
    let way = if job.params.clone {
        encode::cloned
    } else {
        encode::emptied
    };
    run(job, way)
}

/// The same, with the segments moved to the writers.
pub(crate) fn moved(job: &Job<'_>) -> Result<Option<Totals>, Failure> {
    run(job, encode::moved)
}

/// The same, with the segments lent to the writers.
pub(crate) fn borrowed(job: &Job<'_>) -> Result<Option<Totals>, Failure> {
    run(job, encode::borrowed)
}

fn run(job: &Job<'_>, encode: Way) -> Result<Option<Totals>, Failure> {
    let context = job.context;
    let splitters = splitters(job)?;
    let (groups, catalogue, bases, segments) = context.phase("read", || {
        let loaded = load(job, &splitters)?;
        let segments = loaded.segments.len();
        let groups = group(loaded.segments);
        context.ledger("groups").set(groups.list_bytes() as u64);
        Ok::<_, Failure>((groups, loaded.catalogue, loaded.bases, segments))
    })?;
    let referenced = groups.referenced();
    let tools = Tools::new(job, context.threads())?;
    let all_packs = context.phase("encode", || {
        let pool = ThreadPoolBuilder::new()
            .num_threads(context.threads())
            .build()
            .map_err(|error| Failure::Other(format!("starting threads: {error}")))?;
        let encoding = Encoding {
            context,
            tools: &tools,
            progress: context.progress("segments", Some(segments as u64)),
        };
        pool.install(|| encode(groups, &encoding))
    })?;
    tools.segments.set(0);
    context.ledger("groups").set(0);
    if context.cancelled() {
        return Ok(None);
    }
    let written = context.phase("write", || write(job, &tools, &catalogue, all_packs))?;
    Ok(Some(Totals {
        bases,
        segments: written.segments as u64,
        groups: referenced as u64,
        splitters: splitters.len() as u64,
        deltas: written.deltas,
        packs: written.packs as u64,
        archive_bytes: written.bytes,
    }))
}
