//! What all implementations have in common that read, cut, group, encode and write at once.

mod group;
mod grouping;
mod press;
mod spill;

pub(crate) use group::{Deltas, Raw};
pub(crate) use grouping::{Gathered, Grouped, Grouping, ON_THE_WAY};
pub(crate) use press::{Press, Presses};
pub(crate) use spill::{Extent, Spill, SpillFile};

use plimsoll_workload::Failure;

use crate::archive::{ArchiveFile, BlockKind, BlockWriter, Format};
use crate::counts::Counts;
use crate::job::{Job, archive_failure};
use crate::pipeline::{self, Block, Done, Shard, Width};
use crate::segment::Key;

/// What blocks are written to.
pub(crate) type Out = BlockWriter<ArchiveFile>;

/// Runs `read` on this thread and the shards on others, and writes the blocks that result; all but the end of the
/// archive.
pub(crate) fn run<S: Shard<Block = Block>, R>(
    file: ArchiveFile,
    job: &Job<'_>,
    format: Format,
    width: Width,
    make: impl Fn() -> Result<S, Failure>,
    read: impl FnOnce(&mut Grouping<'_, '_, S>) -> Result<R, Failure>,
) -> Result<Done<(Gathered, R), Out>, Failure> {
    let out = BlockWriter::with_format(file, format, job.settings).map_err(archive_failure)?;
    pipeline::run(job.context, width, out, make, |feed| {
        let mut grouping = Grouping::new(feed, job.context);
        let result = read(&mut grouping)?;
        Ok((grouping.finish(), result))
    })
}

/// What a cross-referenced archive tells at its end.
#[derive(Debug)]
pub(crate) struct Differences {
    /// The payload of the last cross pack, if it was not filled.
    pub(crate) last: Option<Vec<u8>>,
    /// Per group from 1 on, whether its reference is a difference.
    pub(crate) flags: Vec<bool>,
    /// Per group from 1 on, its key.
    pub(crate) keys: Vec<Key>,
}

/// Writes the end of the archive, and gives it its name.
pub(crate) fn finish(
    job: &Job<'_>,
    splitters: usize,
    done: Done<(Gathered, Option<Differences>), Out>,
) -> Result<Counts, Failure> {
    let Done {
        fed: (Gathered { meta, bases }, differences),
        members,
        mut sink,
    } = done;
    let counts = Counts::of(&meta, &members, job.settings);
    let mut press = Presses::new(*job.settings)?.press()?;
    let pack = job.settings.pack;
    let payload = match differences {
        None => meta.finish(&members, pack),
        Some(Differences { last, flags, keys }) => {
            if let Some(last) = last {
                let block = press.block(BlockKind::CrossPack, 0, &last)?;
                block.write(&mut sink)?;
            }
            meta.finish_cross_referenced(&members, pack, &flags, keys.into_iter())
        }
    };
    // What is left of it is the payload.
    job.context.ledger("metadata").set(payload.len() as u64);
    let stored = press.stored(BlockKind::Meta, &payload)?;
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
