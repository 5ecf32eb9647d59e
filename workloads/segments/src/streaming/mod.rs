//! Everything at once: one thread reads, cuts and groups; the others encode, each the groups that are its own; blocks
//! are put back into order and written as they come.
//!
//! Records are whole in memory, one at a time. Of a group remain its reference, a byte a code, and its open pack. All
//! else is as in [`mod@crate::batch`]: how splitters are chosen and looked up, and how deltas are found.

mod group;
mod reader;
mod shard;

use std::collections::HashSet;

use plimsoll_workload::Failure;

use crate::archive::{ArchiveFile, Format};
use crate::counts::{Counts, packs};
use crate::job::Job;
use crate::pipeline::{self, Width};
use crate::whole;

use reader::{Read, Reader};
use shard::Groups;

/// Bytes of segments that may wait for workers, and of blocks that may wait for those before them.
const ON_THE_WAY: usize = 4 << 20;

/// Compresses the samples in one pass after the splitters are chosen.
pub fn compress(file: ArchiveFile, job: &Job<'_>) -> Result<Counts, Failure> {
    let splitters = whole::splitters(job)?;
    job.context
        .phase("encode", || encode(file, job, &splitters))
}

fn encode<'j>(
    file: ArchiveFile,
    job: &'j Job<'j>,
    splitters: &'j HashSet<u64>,
) -> Result<Counts, Failure> {
    let (settings, context) = (job.settings, job.context);
    let width = Width {
        threads: context.threads(),
        on_the_way: ON_THE_WAY,
        window: ON_THE_WAY,
    };
    let writer = pipeline::begin(file, Format::Plain, settings)?;
    let make = || Groups::new(settings, width.workers() as u32, context);
    let done = pipeline::run(width, writer, make, |feed| {
        Reader::new(job, splitters, feed).read()
    })?;
    let Read {
        meta,
        groups,
        bases,
    } = done.fed;
    let segments = meta.segments() as u64;
    let deltas = meta.deltas(&done.members);
    let packs: Vec<u64> = packs(&deltas, settings).collect();
    let payload = meta.finish(&done.members, packs.iter().copied());
    Ok(Counts {
        bases,
        splitters: splitters.len() as u64,
        segments,
        groups,
        deltas: deltas.iter().sum(),
        packs: packs.iter().sum(),
        archive_bytes: pipeline::finish(done.sink, &payload, settings)?,
    })
}
