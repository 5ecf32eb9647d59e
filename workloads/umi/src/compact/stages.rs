//! The pass: what is done with segments, and with the slices that they become.

use std::path::Path;

use super::batch::Slice;
use super::cutter::Cutter;
use crate::assign::Strand;
use crate::bam::with_molecule;
use crate::bgzf::Deflater;
use crate::error::Error;
use crate::job::{Grouped, Job};
use crate::pipeline::{Pass, Pool, Segment, Stages, grouped_file, run};
use crate::records::open;
use std::marker::PhantomData;

struct Compact<'a>(PhantomData<&'a Path>);

/// Groups the job's file.
pub(crate) fn group(job: &Job<'_>) -> Result<Grouped, Error> {
    let opened = open(job.input)?;
    let (context, settings) = (job.context, job.settings);
    let mut output = grouped_file(job.output, &opened.header, settings.level)?;
    let pass = Pass {
        context,
        pool: &Pool::new(Some(context.ledger("segments"))),
        level: settings.level,
        queues: None,
    };
    let cutter = Cutter::new(job.input, &opened.header, settings, context);
    let source = (opened.rest, opened.runs);
    let (mut cutter, waiting) = run(&Compact(PhantomData), &pass, source, &mut output, cutter)?;
    Ok(Grouped {
        metrics: std::mem::take(&mut cutter.metrics),
        molecules: cutter.molecules,
        output_bytes: output.commit()?,
        queue_peak: waiting.peak,
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
        let mut number = itoa::Buffer::new();
        let mut text = Vec::new();
        for row in &slice.batch.rows[slice.begin..slice.end] {
            text.clear();
            text.extend_from_slice(number.format(row.molecule).as_bytes());
            if row.stranded {
                text.extend_from_slice(match row.strand {
                    Strand::A => b"/A",
                    Strand::B => b"/B",
                });
            }
            for (spot, has_molecule) in row.records() {
                let record = slice.batch.segments.record(spot);
                with_molecule(record, has_molecule, &text, |piece| out.push(piece))?;
            }
        }
        Ok(())
    }
}
