//! The threads, and what becomes of their results.

use std::collections::HashSet;
use std::panic::resume_unwind;
use std::thread::{self, ScopedJoinHandle};

use crossbeam_channel::bounded;
use plimsoll_workload::Failure;

use super::hand::{Hand, QUEUE, work};
use super::reader::{Read, Reader};
use super::worker::{Findings, Out, Stop, Worker};
use crate::archive::{ArchiveFile, BlockWriter, OneShot};
use crate::job::{Job, archive_failure};
use crate::ordered::{Ordered, Unfinished};
use crate::report::Totals;
use crate::whole;

/// Bytes of blocks that may wait for those before them.
const WINDOW: usize = 4 << 20;

/// Compresses all samples in one pass after the splitters were chosen.
pub(crate) fn streaming(job: &Job<'_>) -> Result<Option<Totals>, Failure> {
    let splitters = whole::splitters(job)?;
    job.context.phase("encode", || encode(job, &splitters))
}

fn encode(job: &Job<'_>, splitters: &HashSet<u64>) -> Result<Option<Totals>, Failure> {
    let file = ArchiveFile::create(job.archive).map_err(archive_failure)?;
    let out = BlockWriter::new(file, &job.settings).map_err(archive_failure)?;
    let ordered = Ordered::new(out, WINDOW);
    let (read, findings) = run(job, splitters, &ordered);
    // What failed first made the others stop; those do not know why.
    let mut failure = None;
    let mut note = |stop| match stop {
        Stop::Failed(error) => failure = failure.take().or(Some(error)),
        Stop::Closed => {}
    };
    let read = read.map_err(&mut note).ok();
    let findings: Result<Vec<Findings>, ()> = findings
        .into_iter()
        .map(|findings| findings.map_err(&mut note))
        .collect();
    if let Some(failure) = failure {
        return Err(failure);
    }
    let delivered = read
        .as_ref()
        .map_or(0, |read| read.end.segments + u64::from(read.end.groups) + 1);
    let out = match ordered.finish(delivered) {
        Ok(out) => out,
        Err(Unfinished::Sink(error)) => return Err(archive_failure(error)),
        Err(Unfinished::Incomplete) if job.context.cancelled() => return Ok(None),
        Err(Unfinished::Incomplete) => return Err(incomplete()),
    };
    match (read, findings) {
        (Some(read), Ok(findings)) => finish(job, splitters, read, findings, out).map(Some),
        _ if job.context.cancelled() => Ok(None),
        _ => Err(incomplete()),
    }
}

fn incomplete() -> Failure {
    Failure::Other("the archive's parts are incomplete; this is a defect of the program".into())
}

/// Reads on this thread, and encodes on the others that the run may use, or on this one too if it is alone.
fn run(
    job: &Job<'_>,
    splitters: &HashSet<u64>,
    ordered: &Ordered<Out>,
) -> (Result<Read, Stop>, Vec<Result<Findings, Stop>>) {
    let (context, settings) = (job.context, &job.settings);
    let others = (context.threads() - 1) as u32;
    let worker = |shard| Worker::new(context, settings, shard, ordered).map_err(Stop::Failed);
    if others == 0 {
        let read = worker((0, 1))
            .and_then(|worker| Reader::new(job, splitters, Hand::Own(worker.into())).read());
        return match read {
            Ok(mut read) => {
                let findings = read.findings.take().into_iter().map(Ok).collect();
                (Ok(read), findings)
            }
            stopped => (stopped, Vec::new()),
        };
    }
    thread::scope(|scope| {
        let mut queues = Vec::new();
        let mut threads: Vec<ScopedJoinHandle<'_, Result<Findings, Stop>>> = Vec::new();
        for own in 0..others {
            let (queue, taken) = bounded(QUEUE);
            queues.push(queue);
            let worker = &worker;
            threads.push(scope.spawn(move || work(worker((own, others))?, &taken)));
        }
        let read = Reader::new(job, splitters, Hand::Queues(queues)).read();
        let findings = threads
            .into_iter()
            .map(|thread| thread.join().unwrap_or_else(|panic| resume_unwind(panic)))
            .collect();
        (read, findings)
    })
}

/// Writes the meta block and gives the archive its name.
fn finish(
    job: &Job<'_>,
    splitters: &HashSet<u64>,
    read: Read,
    findings: Vec<Findings>,
    out: Out,
) -> Result<Totals, Failure> {
    let mut members = vec![0; read.end.segments as usize];
    let mut deltas = vec![0_u64; read.end.groups as usize];
    let mut packs = 0;
    for found in findings {
        for (ordinal, member) in found.members {
            members[ordinal as usize] = member;
        }
        for (group, count) in found.deltas {
            if let Some(group) = (group as usize).checked_sub(1) {
                deltas[group] = count.into();
            }
        }
        packs += found.packs;
    }
    let pack = u64::from(job.settings.pack);
    let payload = read
        .meta
        .finish(&members, deltas.iter().map(|deltas| deltas.div_ceil(pack)));
    let mut stored = Vec::new();
    OneShot::new()
        .and_then(|mut zstd| zstd.compress(&payload, job.settings.level, &mut stored))
        .map_err(archive_failure)?;
    let (file, archive_bytes) = out
        .finish(payload.len(), &stored)
        .map_err(archive_failure)?;
    file.commit().map_err(archive_failure)?;
    Ok(Totals {
        bases: read.bases,
        segments: read.end.segments,
        groups: read.end.groups.into(),
        splitters: splitters.len() as u64,
        deltas: deltas.iter().sum(),
        packs,
        archive_bytes,
    })
}
