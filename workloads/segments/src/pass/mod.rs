//! What all implementations have in common that read, cut, group, encode and write at once.

mod group;
mod grouping;
mod press;

pub(crate) use group::{Deltas, Raw};
pub(crate) use grouping::{Gathered, Grouped, Grouping, ON_THE_WAY};
pub(crate) use press::Press;

use plimsoll_workload::Failure;

use crate::archive::{ArchiveFile, BlockKind, BlockWriter, Format};
use crate::block::Block;
use crate::job::{Job, archive_failure};
use crate::pipeline::{self, Done, Shard, Width};
use crate::report::Totals;

/// What blocks are written to.
pub(crate) type Out = BlockWriter<ArchiveFile>;

/// Runs `read` on this thread and the shards on others, and writes the blocks that result; all but the end of the
/// archive.
pub(crate) fn run<S: Shard<Block = Block>>(
    job: &Job<'_>,
    format: Format,
    width: Width,
    make: impl Fn() -> Result<S, Failure>,
    read: impl FnOnce(&mut Grouping<'_, '_, S>) -> Result<(), Failure>,
) -> Result<Done<Gathered, Out>, Failure> {
    let file = ArchiveFile::create(job.archive).map_err(archive_failure)?;
    let out = BlockWriter::with_format(file, format, &job.settings).map_err(archive_failure)?;
    pipeline::run(job.context, width, out, make, |feed| {
        let mut grouping = Grouping::new(feed, job.context);
        read(&mut grouping)?;
        Ok(grouping.finish())
    })
}

/// Writes the end of the archive, and gives it its name.
pub(crate) fn finish(
    job: &Job<'_>,
    splitters: usize,
    done: Done<Gathered, Out>,
) -> Result<Totals, Failure> {
    let Done { fed, members, sink } = done;
    let Gathered {
        meta,
        groups,
        bases,
    } = fed;
    let deltas = meta.deltas(&members);
    let segments = meta.segments() as u64;
    let payload = meta.finish(&members, job.settings.pack);
    let block = Press::new(job.settings)?.block(BlockKind::Meta, 0, &payload)?;
    let (file, archive_bytes) = sink
        .finish(block.payload, &block.stored)
        .map_err(archive_failure)?;
    file.commit().map_err(archive_failure)?;
    Ok(Totals {
        bases,
        segments,
        groups,
        splitters: splitters as u64,
        deltas: deltas.iter().map(|deltas| u64::from(*deltas)).sum(),
        packs: deltas
            .iter()
            .map(|deltas| u64::from(deltas.div_ceil(job.settings.pack)))
            .sum(),
        archive_bytes,
    })
}

/// Tells a run that was cancelled from one that failed: the first has no result.
pub(crate) fn unless_cancelled(
    job: &Job<'_>,
    result: Result<Totals, Failure>,
) -> Result<Option<Totals>, Failure> {
    match result {
        Err(_) if job.context.cancelled() => Ok(None),
        result => result.map(Some),
    }
}
