//! The pass: what is done with segments, and with the slices that they become.

use std::marker::PhantomData;
use std::path::Path;

use super::batch::Slice;
use super::cutter::Cutter;
use super::limit::Limit;
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
        job.bytes()
    }

    fn cut(&self, cutter: &mut Cutter<'a>, segment: Segment) -> Result<Vec<Slice>, Error> {
        cutter.cut(segment)
    }

    fn rest(&self, cutter: &mut Cutter<'a>) -> Result<Vec<Slice>, Error> {
        cutter.rest()
    }

    fn make(&self, _: u64, slice: Slice, out: &mut Deflater) -> Result<(), Error> {
        slice.write(out)
    }
}
