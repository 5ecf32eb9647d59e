//! Phase 1: read every sample, and cut its records into segments of their own.

use std::collections::HashSet;

use plimsoll_workload::Failure;

use super::catalogue::{Catalogue, Record, Sample};
use super::prepared::PreparedSegment;
use crate::code::reverse_complement;
use crate::cut::segments_of;
use crate::fasta::{self, read_all};
use crate::job::{Job, cancelled};
use crate::segment::orient;
use crate::whole::Coded;

/// All that there is to encode.
#[derive(Debug, Default)]
pub(super) struct Loaded {
    pub(super) segments: Vec<PreparedSegment>,
    pub(super) catalogue: Catalogue,
    pub(super) bases: u64,
}

/// Loads all samples.
pub(super) fn load(job: &Job<'_>, splitters: &HashSet<u64>) -> Result<Loaded, Failure> {
    let context = job.context;
    let read = context.ledger("records");
    let metadata = context.ledger("metadata");
    let held = context.ledger("segments");
    let progress = context.progress("bases", None);
    let mut loaded = Loaded::default();
    for sample in job.inputs.samples() {
        let records = read_all(&sample.path)?;
        read.set(records.iter().map(record_bytes).sum());
        let mut entries = Vec::new();
        for record in records {
            if context.cancelled() {
                return Err(cancelled());
            }
            let bytes = record_bytes(&record);
            let bases = record.sequence.len() as u64;
            entries.push(loaded.record(&sample.name, record, job.settings.k, splitters));
            read.sub(bytes);
            progress.add(bases);
        }
        let entry = Sample {
            name: sample.name.clone(),
            records: entries,
        };
        metadata.add(entry.bytes() as u64);
        held.set(loaded.segment_bytes());
        loaded.catalogue.samples.push(entry);
    }
    Ok(loaded)
}

fn record_bytes(record: &fasta::Record) -> u64 {
    (size_of::<fasta::Record>() + record.header.capacity() + record.sequence.capacity()) as u64
}

impl Loaded {
    /// Cuts a record into segments; what remains to be known of it.
    fn record(
        &mut self,
        sample: &[u8],
        record: fasta::Record,
        k: u32,
        splitters: &HashSet<u64>,
    ) -> Record {
        let Coded { codes, layers } = Coded::new(&record.sequence);
        let mut parts = 0;
        for piece in segments_of(&codes, k, |value| splitters.contains(&value)) {
            let (key, turned) = orient(piece.front, piece.back);
            let mut data = codes[piece.range].to_vec();
            if turned {
                reverse_complement(&mut data);
            }
            self.segments.push(PreparedSegment {
                key,
                sample: sample.to_vec(),
                header: record.header.clone(),
                data,
                ordinal: self.segments.len(),
                part: parts,
                turned,
            });
            parts += 1;
        }
        self.bases += codes.len() as u64;
        Record {
            header: record.header,
            length: codes.len() as u64,
            layers,
            segments: parts,
        }
    }

    /// Bytes of all segments and of the list of them.
    fn segment_bytes(&self) -> u64 {
        let data: usize = self.segments.iter().map(PreparedSegment::heap_bytes).sum();
        (self.segments.capacity() * size_of::<PreparedSegment>() + data) as u64
    }
}
