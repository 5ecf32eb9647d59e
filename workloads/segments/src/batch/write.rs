//! Phase 4: all packs in block order, then the meta block.

use plimsoll_workload::{Context, Failure};

use super::catalogue::Catalogue;
use super::compressed::{CompressedPack, Description};
use super::tools::Tools;
use crate::archive::{ArchiveFile, BlockWriter, MetaBuilder};
use crate::counts::Counts;
use crate::job::{Job, archive_failure};

/// What the archive is written from, apart from the packs.
#[derive(Debug)]
pub(super) struct Writing<'a> {
    pub(super) job: &'a Job<'a>,
    pub(super) tools: &'a Tools,
    pub(super) catalogue: &'a Catalogue,
    pub(super) splitters: u64,
    pub(super) bases: u64,
}

/// Writes the archive.
pub(super) fn write(
    file: ArchiveFile,
    writing: &Writing<'_>,
    mut all_packs: Vec<CompressedPack>,
) -> Result<Counts, Failure> {
    let settings = writing.job.settings;
    all_packs.sort_unstable_by_key(|pack| pack.order);
    let mut out = BlockWriter::new(file, settings).map_err(archive_failure)?;
    for pack in &all_packs {
        pack.block.write(&mut out)?;
    }
    let mut segments: Vec<&Description> =
        (all_packs.iter().flat_map(|pack| &pack.segments)).collect();
    segments.sort_unstable_by_key(|segment| segment.ordinal);
    let members: Vec<u32> = segments.iter().map(|segment| segment.member).collect();
    let meta = meta(writing.job.context, writing.catalogue, &segments)?;
    let counts = Counts::of(&meta, &members, settings);
    let payload = meta.finish(&members, settings.pack);
    let stored = writing.tools.stored(&payload, settings.level)?;
    let (file, archive_bytes) = out
        .finish(payload.len(), &stored)
        .map_err(archive_failure)?;
    file.commit().map_err(archive_failure)?;
    Ok(Counts {
        bases: writing.bases,
        splitters: writing.splitters,
        archive_bytes,
        ..counts
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
