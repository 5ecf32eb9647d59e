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

use plimsoll_workload::{Context, Failure, heap};

use crate::archive::{ArchiveFile, Format};
use crate::code;
use crate::counts::Counts;
use crate::fasta;
use crate::job::{Job, cancelled};
use crate::pass::{self, Presses, Spill};
use crate::pipeline::Width;
use crate::splitters::{Reference, Splitters, partitioned};

use buffers::Buffers;
use cross_references::CrossReferences;
use intake::Intake;
use memory::{Memory, Share};
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
    let mut memory = Memory::new(context)?;
    let splitters = context.phase("splitters", || splitters(job, &mut memory))?;
    let held = splitters.heap_bytes();
    context.ledger("splitters").set(held as u64);
    let share = memory.groups(context.threads())?;
    context.phase("encode", || {
        encode(file, job, format, &splitters, memory, share)
    })
}

/// Chooses the splitters; everything else that this takes is gone when it returns.
fn splitters(job: &Job<'_>, memory: &mut Memory<'_>) -> Result<Splitters, Failure> {
    let k = job.settings.k;
    let Some(sample) = job.inputs.samples().first() else {
        return Ok(Splitters::new(k, []));
    };
    let mut reader = ReferenceReader {
        reference: Reference::new(k),
        codes: Vec::new(),
        memory,
        context: job.context,
    };
    fasta::scan(&sample.path, &mut reader)?;
    reader.take()?;
    let ReferenceReader {
        reference, memory, ..
    } = reader;
    let ledger = job.context.ledger("splitters");
    let tables = memory.tables(reference.heap_bytes())?;
    // What of the tables is used depends on the k-mers; only the reference is known.
    ledger.set(reference.heap_bytes() as u64);
    Ok(partitioned::choose(
        &reference,
        job.settings.segment_size,
        tables,
    ))
}

/// A sink that keeps the reference genome at two bits a base.
struct ReferenceReader<'a, 'm> {
    reference: Reference,
    /// Gathered, so that the budget is not looked at with every line.
    codes: Vec<u8>,
    memory: &'a mut Memory<'m>,
    context: &'a Context,
}

/// Codes that are gathered before they are taken.
const TAKEN_AT_ONCE: usize = 16 << 10;

impl ReferenceReader<'_, '_> {
    fn take(&mut self) -> Result<(), Failure> {
        self.reference.push(&self.codes);
        self.codes.clear();
        self.memory
            .check(|| "the reference has been read in part".to_owned())?;
        if self.context.cancelled() {
            return Err(cancelled());
        }
        Ok(())
    }
}

impl fasta::Sink for ReferenceReader<'_, '_> {
    type Error = Failure;

    fn record(&mut self, _: &[u8]) -> Result<(), Failure> {
        self.take()?;
        self.reference.begin_record();
        Ok(())
    }

    fn sequence(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        code::append(bytes, &mut self.codes);
        if self.codes.len() >= TAKEN_AT_ONCE {
            self.take()?;
        }
        Ok(())
    }
}

fn encode(
    file: ArchiveFile,
    job: &Job<'_>,
    format: Format,
    splitters: &Splitters,
    memory: Memory<'_>,
    share: Share,
) -> Result<Counts, Failure> {
    let Job {
        settings, context, ..
    } = job;
    let buffers = Arc::new(Buffers::default());
    let queue = memory.queue();
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

#[cfg(test)]
mod tests {
    use std::num::NonZeroUsize;

    use super::*;
    use crate::inputs::Inputs;
    use crate::params::{Levels, Params};

    #[test]
    fn what_groups_may_hold_changes_no_byte() {
        let directory = tempfile::tempdir().unwrap();
        let params = Params {
            segment_size: 1000,
            pack: 5,
            level: Some(3),
            ..Params::default()
        };
        Inputs::prepare(&params, directory.path()).unwrap();
        let inputs = Inputs::open(directory.path()).unwrap();
        let settings = params.settings(Levels::Lean).unwrap();
        let made = |format, threads, share: Share| {
            let scratch = tempfile::tempdir().unwrap();
            let threads = NonZeroUsize::new(threads).unwrap();
            let context = Context::detached(scratch.path()).with_threads(threads);
            let job = Job {
                inputs: &inputs,
                params: &params,
                settings: &settings,
                context: &context,
            };
            let path = scratch.path().join("archive");
            let file = ArchiveFile::create(&path).unwrap();
            let mut memory = Memory::new(&context).unwrap();
            let splitters = splitters(&job, &mut memory).unwrap();
            encode(file, &job, format, &splitters, memory, share).unwrap();
            let left = std::fs::read_dir(scratch.path()).unwrap().count();
            assert_eq!(left, 1, "nothing but the archive is left");
            std::fs::read(path).unwrap()
        };
        let plenty = Share {
            references: 1 << 20,
            deltas: 1 << 20,
        };
        for format in [Format::Plain, Format::CrossReferenced] {
            let expected = made(format, 1, plenty);
            for (threads, references, deltas) in [(1, 9000, 3000), (3, 0, 0), (3, 9000, 1 << 20)] {
                let share = Share { references, deltas };
                let archive = made(format, threads, share);
                assert!(
                    archive == expected,
                    "{format:?} on {threads} with {share:?}"
                );
            }
        }
    }
}
