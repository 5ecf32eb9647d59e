//! The pass: what is done with segments, and with the slices that they become.

use std::marker::PhantomData;
use std::path::Path;

use super::batch::{Slice, Source};
use super::cutter::Cutter;
use super::group::sort_by_name;
use super::limit::Limit;
use super::row::{Row, Spot};
use super::segments::record_at;
use crate::assign::Strand;
use crate::bam::{Record, with_molecule};
use crate::bgzf::Deflater;
use crate::error::Error;
use crate::job::{Grouped, Job};
use crate::pipeline::{Pass, Pool, Segment, Stages, grouped_file, run};
use crate::records::open;

struct Compact<'a>(PhantomData<&'a Path>);

/// Groups the job's file, with groups of any size in memory.
pub(crate) fn group(job: &Job<'_>) -> Result<Grouped, Error> {
    group_within(job, None)
}

/// Groups the job's file; the records of a group that is too large for its budget go to files.
pub(crate) fn bounded(job: &Job<'_>) -> Result<Grouped, Error> {
    group_within(job, Some(Limit::of(job.context)?))
}

fn group_within(job: &Job<'_>, limit: Option<Limit>) -> Result<Grouped, Error> {
    let opened = open(job.input)?;
    let (context, settings) = (job.context, job.settings);
    let mut output = grouped_file(job.output, &opened.header, settings.level)?;
    let pass = Pass {
        context,
        pool: &Pool::new(Some(job.ledger.part("segments"))),
        level: settings.level,
        queues: None,
        buffers: Some(job.ledger.part("buffers")),
    };
    let cutter = Cutter::new(job, &opened.header, limit);
    let source = (opened.rest, opened.runs);
    let (mut cutter, waiting) = run(&Compact(PhantomData), &pass, source, &mut output, cutter)?;
    Ok(Grouped {
        metrics: std::mem::take(&mut cutter.metrics),
        molecules: cutter.kept.molecules,
        output_bytes: output.commit()?,
        queue_peak: waiting.peak,
        spilled: cutter.kept.spilled,
    })
}

impl<'a> Stages for Compact<'a> {
    type Cutter = Cutter<'a>;
    type Job = Slice;

    fn bytes(job: &Slice) -> u64 {
        job.bytes
    }

    fn cut(&self, cutter: &mut Cutter<'a>, segment: Segment) -> Result<Vec<Slice>, Error> {
        cutter.cut(segment)
    }

    fn rest(&self, cutter: &mut Cutter<'a>) -> Result<Vec<Slice>, Error> {
        cutter.rest()
    }

    fn make(&self, _: u64, slice: Slice, out: &mut Deflater) -> Result<(), Error> {
        let batch = &slice.batch;
        let rows = &batch.rows[slice.begin..slice.end];
        match &batch.source {
            Source::Segments(segments) => write(rows, |spot| segments.record(spot), out),
            Source::Ranges { ranges, sorted } => {
                let loaded = ranges.load(slice.number)?;
                let record = |spot: Spot| record_at(&loaded.bytes, spot.in_its_file() as usize);
                if *sorted {
                    return write(rows, record, out);
                }
                let mut rows = rows.to_vec();
                let _held = ranges.hold_list(&rows);
                sort_by_name(&mut rows, |row| Record::name_of(record(row.first())));
                write(&rows, record, out)
            }
        }
    }
}

/// Writes the records of rows, with the numbers of their molecules.
fn write<'a>(
    rows: &[Row],
    record: impl Fn(Spot) -> &'a [u8],
    out: &mut Deflater,
) -> Result<(), Error> {
    let mut number = itoa::Buffer::new();
    let mut text = Vec::new();
    for row in rows {
        text.clear();
        text.extend_from_slice(number.format(row.molecule).as_bytes());
        if row.stranded {
            text.extend_from_slice(match row.strand {
                Strand::A => b"/A",
                Strand::B => b"/B",
            });
        }
        for (spot, has_molecule) in row.records() {
            with_molecule(record(spot), has_molecule, &text, |piece| out.push(piece))?;
        }
    }
    Ok(())
}
