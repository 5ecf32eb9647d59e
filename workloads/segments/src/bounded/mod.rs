//! One pass in bounded memory: nothing is held but the open segment of each record, references at two bits a base,
//! the deltas of open packs, and a few bytes a segment of metadata.

mod buffers;
mod grouping;
mod intake;
mod memory;
mod shard;

use std::sync::Arc;

use plimsoll_workload::{Context, Failure};

use crate::archive::{ArchiveFile, Format};
use crate::code;
use crate::counts::{Counts, packs};
use crate::fasta;
use crate::inputs::Inputs;
use crate::params::Settings;
use crate::pipeline::{self, Width};
use crate::splitters::{self, Splitters, partitioned};

use buffers::Buffers;
use grouping::{Gathered, Grouping};
use intake::Intake;
use memory::Memory;
use shard::Groups;

/// Compresses `inputs` in one pass; what was found on the way.
pub fn compress(
    file: ArchiveFile,
    inputs: &Inputs,
    settings: &Settings,
    context: &Context,
) -> Result<Counts, Failure> {
    let mut memory = Memory::new(context);
    let splitters = context.phase("splitters", || splitters(inputs, settings, &memory))?;
    context
        .ledger("splitters")
        .set(splitters.heap_bytes() as u64);
    context.phase("encode", || {
        encode(file, inputs, settings, &splitters, &mut memory, context)
    })
}

/// Chooses the splitters; everything else that this takes is gone when it returns.
fn splitters(
    inputs: &Inputs,
    settings: &Settings,
    memory: &Memory<'_>,
) -> Result<Splitters, Failure> {
    let Some(sample) = inputs.samples().first() else {
        return Ok(Splitters::new(settings.k, []));
    };
    let mut reader = ReferenceReader {
        reference: splitters::Reference::new(settings.k),
        codes: Vec::new(),
    };
    fasta::scan(&sample.path, &mut reader)?;
    let ReferenceReader { reference, .. } = reader;
    let tables = memory.tables(reference.heap_bytes())?;
    Ok(partitioned::choose(
        &reference,
        settings.segment_size,
        tables,
    ))
}

/// A sink that keeps the reference genome at two bits a base.
struct ReferenceReader {
    reference: splitters::Reference,
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
    inputs: &Inputs,
    settings: &Settings,
    splitters: &Splitters,
    memory: &mut Memory<'_>,
    context: &Context,
) -> Result<Counts, Failure> {
    let buffers = Arc::new(Buffers::default());
    let queue = memory.queue();
    let width = Width {
        threads: context.threads(),
        on_the_way: queue,
        window: queue,
    };
    let writer = pipeline::begin(file, Format::Plain, settings)?;
    let make = || {
        Groups::new(
            *settings,
            width.workers() as u32,
            Arc::clone(&buffers),
            context,
        )
    };
    let done = pipeline::run(width, writer, make, |feed| {
        let grouping = Grouping::new(feed, memory, &buffers, context);
        let mut intake = Intake::new(grouping, splitters, settings.k, &buffers);
        for sample in inputs.samples() {
            intake.taker().meta.begin_sample(&sample.name);
            fasta::scan(&sample.path, &mut intake)?;
            intake.end_record()?;
        }
        Ok(intake.into_taker().finish())
    })?;
    let Gathered {
        meta,
        groups,
        bases,
    } = done.fed;
    let segments = meta.segments() as u64;
    let deltas = meta.deltas(&done.members);
    let packs: Vec<u64> = packs(&deltas, settings).collect();
    let payload = meta.finish(&done.members, packs.iter().copied());
    let archive_bytes = pipeline::finish(done.sink, &payload, settings)?;
    Ok(Counts {
        bases,
        splitters: splitters.len() as u64,
        segments,
        groups,
        deltas: deltas.iter().sum(),
        packs: packs.iter().sum(),
        archive_bytes,
    })
}
