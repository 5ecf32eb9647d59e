//! Everything at once: one thread reads, cuts and groups; the others encode, each the groups that are its own; blocks
//! are put back into order and written as they come. Records are whole in memory, one at a time; of a group remain
//! its reference and its open pack.

mod reader;
mod shard;

use std::collections::HashSet;

use plimsoll_workload::Failure;

use crate::archive::{ArchiveFile, Format};
use crate::counts::Counts;
use crate::fasta::scan;
use crate::job::Job;
use crate::pass::{self, Presses};
use crate::pipeline::Width;
use crate::whole::Chosen;

use reader::Reader;
use shard::Groups;

/// Bytes of segments that may wait for their workers, and of blocks that may wait for those before them.
const QUEUE: usize = 4 << 20;

/// Compresses all samples in one pass after the splitters were chosen.
///
/// # Errors
/// The inputs cannot be read, the archive cannot be written, or the run is cancelled.
pub fn compress(file: ArchiveFile, job: &Job<'_>) -> Result<Counts, Failure> {
    let splitters = Chosen::new(job)?.into_splitters();
    let held = splitters.capacity() * size_of::<u64>();
    job.context.ledger("splitters").set(held as u64);
    job.context
        .phase("encode", || encode(file, job, &splitters))
}

fn encode(file: ArchiveFile, job: &Job<'_>, splitters: &HashSet<u64>) -> Result<Counts, Failure> {
    let width = Width {
        threads: job.context.threads(),
        on_the_way: QUEUE,
        window: QUEUE,
    };
    let presses = Presses::new(*job.settings)?;
    let make = || Groups::new(job, &presses);
    let done = pass::run(file, job, Format::Plain, width, make, |grouping| {
        let mut reader = Reader::new(job, splitters, grouping);
        for sample in job.inputs.samples() {
            reader.begin_sample(&sample.name);
            scan(&sample.path, &mut reader)?;
            reader.end_record()?;
        }
        Ok(None)
    })?;
    pass::finish(job, splitters.len(), done)
}
