//! Everything at once: one thread reads, cuts and groups; the others encode, each the groups that are its own; blocks
//! are put back into order and written as they come. Records are whole in memory, one at a time; of a group remain
//! its reference and its open pack.

mod reader;
mod shard;

use std::collections::HashSet;

use plimsoll_workload::Failure;

use crate::archive::Format;
use crate::fasta::scan;
use crate::job::Job;
use crate::pass;
use crate::pipeline::Width;
use crate::report::Totals;
use crate::whole;

use reader::Reader;
use shard::Groups;

/// Bytes of segments that may wait for their workers, and of blocks that may wait for those before them.
const QUEUE: usize = 4 << 20;

/// Compresses all samples in one pass after the splitters were chosen.
pub(crate) fn streaming(job: &Job<'_>) -> Result<Option<Totals>, Failure> {
    let splitters = whole::splitters(job)?;
    let totals = job.context.phase("encode", || encode(job, &splitters));
    pass::unless_cancelled(job, totals)
}

fn encode(job: &Job<'_>, splitters: &HashSet<u64>) -> Result<Totals, Failure> {
    let width = Width {
        threads: job.context.threads(),
        on_the_way: QUEUE,
        window: QUEUE,
    };
    let make = || Groups::new(job);
    let done = pass::run(job, Format::Plain, width, make, |grouping| {
        let mut reader = Reader::new(job, splitters, grouping);
        for sample in job.samples {
            reader.begin_sample(&sample.name);
            scan(&sample.path, &mut reader)?;
            reader.end_record()?;
        }
        Ok(())
    })?;
    pass::finish(job, splitters.len(), done)
}
