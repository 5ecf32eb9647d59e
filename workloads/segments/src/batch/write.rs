//! Phase 4: all packs in block order, then the meta block.

use plimsoll_workload::{Context, Failure};

use super::catalogue::Catalogue;
use super::compressed::{CompressedPack, Description};
use super::tools::Tools;
use crate::archive::{ArchiveFile, BlockKind, BlockWriter, MetaBuilder};
use crate::job::{Job, archive_failure};

/// What the archive turned out to be.
#[derive(Debug)]
pub(super) struct Written {
    pub(super) segments: usize,
    pub(super) deltas: u64,
    pub(super) packs: usize,
    pub(super) bytes: u64,
}

/// Writes the archive.
pub(super) fn write(
    job: &Job<'_>,
    tools: &Tools,
    catalogue: &Catalogue,
    mut all_packs: Vec<CompressedPack>,
) -> Result<Written, Failure> {
    all_packs.sort_unstable_by_key(|pack| pack.order);
    let file = ArchiveFile::create(job.archive).map_err(archive_failure)?;
    let mut out = BlockWriter::new(file, &job.settings).map_err(archive_failure)?;
    for pack in &all_packs {
        out.put(&pack.block).map_err(archive_failure)?;
    }
    let mut segments: Vec<&Description> =
        (all_packs.iter().flat_map(|pack| &pack.segments)).collect();
    segments.sort_unstable_by_key(|segment| segment.ordinal);
    let members: Vec<u32> = segments.iter().map(|segment| segment.member).collect();
    let meta = meta(job.context, catalogue, &segments)?;
    let deltas = meta.deltas(&members);
    let payload = meta.finish(&members, job.settings.pack);
    let block = tools.block(BlockKind::Meta, 0, &payload)?;
    let (file, bytes) = out
        .finish(block.payload, &block.stored)
        .map_err(archive_failure)?;
    file.commit().map_err(archive_failure)?;
    let is_pack = |pack: &&CompressedPack| pack.block.kind == BlockKind::Pack;
    Ok(Written {
        segments: segments.len(),
        deltas: deltas.iter().map(|deltas| u64::from(*deltas)).sum(),
        packs: all_packs.iter().filter(is_pack).count(),
        bytes,
    })
}

/// Puts the segments, in input order, back under their samples and records.
fn meta(
    context: &Context,
    catalogue: &Catalogue,
    segments: &[&Description],
) -> Result<MetaBuilder, Failure> {
    let mut meta = MetaBuilder::default();
    let mut segments = segments.iter();
    for sample in &catalogue.samples {
        meta.begin_sample(&sample.name);
        for record in &sample.records {
            meta.begin_record(&record.header);
            for part in 0..record.segments {
                let segment = segments
                    .next()
                    .filter(|segment| {
                        (&segment.sample, &segment.header, segment.part)
                            == (&sample.name, &record.header, part)
                    })
                    .ok_or_else(|| misplaced(&sample.name, &record.header, part))?;
                meta.segment(segment.group, segment.length as u64, segment.turned);
            }
            meta.end_record(record.length, &record.layers);
        }
    }
    context.ledger("metadata").add(meta.heap_bytes() as u64);
    Ok(meta)
}

fn misplaced(sample: &[u8], header: &[u8], part: u32) -> Failure {
    Failure::Other(format!(
        "no pack tells of part {part} of record `{}` of sample `{}`; this is a defect of the program",
        header.escape_ascii(),
        sample.escape_ascii()
    ))
}
