//! What all implementations have in common that read, cut, group, encode and write at once.

mod group;
mod grouping;
mod press;

pub(crate) use group::{Deltas, Raw};
pub(crate) use grouping::{Gathered, Grouped, Grouping, ON_THE_WAY};
pub(crate) use press::Press;

use plimsoll_workload::Failure;

use crate::archive::{ArchiveFile, BlockWriter, Format};
use crate::counts::Counts;
use crate::job::{Job, archive_failure};
use crate::pipeline::{self, Block, Done, Shard, Width};

/// What blocks are written to.
pub(crate) type Out = BlockWriter<ArchiveFile>;

/// Runs `read` on this thread and the shards on others, and writes the blocks that result; all but the end of the
/// archive.
pub(crate) fn run<S: Shard<Block = Block>>(
    file: ArchiveFile,
    job: &Job<'_>,
    format: Format,
    width: Width,
    make: impl Fn() -> Result<S, Failure>,
    read: impl FnOnce(&mut Grouping<'_, '_, S>) -> Result<(), Failure>,
) -> Result<Done<Gathered, Out>, Failure> {
    let out = BlockWriter::with_format(file, format, job.settings).map_err(archive_failure)?;
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
) -> Result<Counts, Failure> {
    let Done { fed, members, sink } = done;
    let Gathered { meta, bases } = fed;
    let counts = Counts::of(&meta, &members, job.settings);
    let payload = meta.finish(&members, job.settings.pack);
    let stored = Press::new(*job.settings)?.meta(&payload)?;
    let (file, archive_bytes) = sink
        .finish(payload.len(), &stored)
        .map_err(archive_failure)?;
    file.commit().map_err(archive_failure)?;
    Ok(Counts {
        bases,
        splitters: splitters as u64,
        archive_bytes,
        ..counts
    })
}
