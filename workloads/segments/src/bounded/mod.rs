//! One pass in bounded memory: nothing is held but the open segment of each record, references at two bits a base,
//! the deltas of open packs, and a few bytes a segment of metadata.

mod buffers;
mod cross_references;
mod intake;
mod memory;
mod references;
mod shard;
mod work;

use std::sync::Arc;

use plimsoll_workload::{Failure, heap};

use crate::archive::{ArchiveFile, Format};
use crate::code;
use crate::counts::Counts;
use crate::fasta;
use crate::job::Job;
use crate::pass::{self, Presses, Spill};
use crate::pipeline::Width;
use crate::splitters::{Reference, Splitters, partitioned};

use buffers::Buffers;
use cross_references::CrossReferences;
use intake::Intake;
use memory::Memory;
use references::References;
use shard::Groups;

/// Compresses all samples within the memory budget, on as many threads as the run has.
///
/// # Errors
/// The inputs cannot be read, the archive cannot be written, the memory budget is too small, or the run is
/// cancelled.
pub fn compress(file: ArchiveFile, job: &Job<'_>) -> Result<Counts, Failure> {
    run(file, job, Format::Plain)
}

/// The same, with references encoded against earlier ones where that is smaller: an archive of another format.
///
/// # Errors
/// As for [`compress`].
pub fn cross_referenced(file: ArchiveFile, job: &Job<'_>) -> Result<Counts, Failure> {
    run(file, job, Format::CrossReferenced)
}

fn run(file: ArchiveFile, job: &Job<'_>, format: Format) -> Result<Counts, Failure> {
    let context = job.context;
    // Workers allocate rarely, and what they hold grows in small steps until the end: with an arena each, the holes
    // that are left behind would add a fifth to the resident size.
    heap::compact();
    let memory = Memory::new(context);
    let splitters = context.phase("splitters", || splitters(job, &memory))?;
    let held = splitters.heap_bytes();
    context.ledger("splitters").set(held as u64);
    context.phase("encode", || encode(file, job, format, &splitters, memory))
}

/// Chooses the splitters; everything else that this takes is gone when it returns.
fn splitters(job: &Job<'_>, memory: &Memory<'_>) -> Result<Splitters, Failure> {
    let k = job.settings.k;
    let Some(sample) = job.inputs.samples().first() else {
        return Ok(Splitters::new(k, []));
    };
    let mut reader = ReferenceReader {
        reference: Reference::new(k),
        codes: Vec::new(),
    };
    fasta::scan(&sample.path, &mut reader)?;
    let ReferenceReader { reference, .. } = reader;
    let ledger = job.context.ledger("splitters");
    let tables = memory.tables(reference.heap_bytes())?;
    ledger.set((reference.heap_bytes() + tables) as u64);
    Ok(partitioned::choose(
        &reference,
        job.settings.segment_size,
        tables,
    ))
}

/// A sink that keeps the reference genome at two bits a base.
struct ReferenceReader {
    reference: Reference,
    codes: Vec<u8>,
}

impl fasta::Sink for ReferenceReader {
    type Error = Failure;

    fn record(&mut self, _: &[u8]) -> Result<(), Failure> {
        self.reference.begin_record();
        Ok(())
    }

    fn sequence(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        self.codes.clear();
        code::append(bytes, &mut self.codes);
        self.reference.push(&self.codes);
        Ok(())
    }
}

fn encode(
    file: ArchiveFile,
    job: &Job<'_>,
    format: Format,
    splitters: &Splitters,
    memory: Memory<'_>,
) -> Result<Counts, Failure> {
    let Job {
        settings, context, ..
    } = job;
    let buffers = Arc::new(Buffers::default());
    let queue = memory.queue();
    let share = memory.groups(context.threads())?;
    let width = Width {
        threads: context.threads(),
        on_the_way: queue,
        window: queue,
    };
    let cross = match format {
        Format::Plain => None,
        Format::CrossReferenced => Some(CrossReferences::new(settings, context)),
    };
    let presses = Presses::new(**settings)?;
    let make = || {
        let most = share.deltas / width.workers();
        Groups::new(job, width.workers(), &buffers, &presses, most)
    };
    let spill = Spill::new(context.scratch());
    let references = References::new(share.references, spill, context.ledger(references::LEDGER));
    let done = pass::run(file, job, format, width, make, |grouping| {
        let mut intake = Intake::new(
            grouping, splitters, memory, &buffers, settings, references, cross,
        );
        for sample in job.inputs.samples() {
            intake.begin_sample(&sample.name);
            fasta::scan(&sample.path, &mut intake)?;
            intake.end_record()?;
        }
        let cross = intake.into_cross_references();
        Ok(cross.map(CrossReferences::finish))
    })?;
    pass::finish(job, splitters.len(), done)
}
