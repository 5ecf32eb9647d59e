//! Reads record after record, cuts each into segments, finds their groups, and hands them on.

use plimsoll_workload::{Failure, Gauge, Progress};
use std::collections::HashSet;

use super::hand::Hand;
use super::worker::{End, Findings, Segment, Stop};
use crate::archive::MetaBuilder;
use crate::code::reverse_complement;
use crate::cut::segments_of;
use crate::fasta::{ScanError, Sink, scan};
use crate::groups::GroupNumbers;
use crate::inputs::Sample;
use crate::job::Job;
use crate::segment::orient;
use crate::whole::Coded;

/// Takes the samples apart.
pub(super) struct Reader<'a> {
    job: &'a Job<'a>,
    splitters: &'a HashSet<u64>,
    hand: Hand<'a>,
    groups: GroupNumbers,
    meta: MetaBuilder,
    segments: u64,
    bases: u64,
    /// Bytes of `meta`, as far as the ledger knows; workers add theirs to the same component.
    metadata: u64,
    /// The sequence of the record that is being read, if there is one.
    open: Option<Vec<u8>>,
    ledgers: Ledgers,
    progress: Progress,
}

#[derive(Debug)]
struct Ledgers {
    records: Gauge,
    groups: Gauge,
    segments: Gauge,
    metadata: Gauge,
}

/// What was read.
#[derive(Debug)]
pub(super) struct Read {
    pub(super) meta: MetaBuilder,
    pub(super) bases: u64,
    pub(super) end: End,
    /// Those of the reader's own worker, if it had one.
    pub(super) findings: Option<Findings>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(job: &'a Job<'a>, splitters: &'a HashSet<u64>, hand: Hand<'a>) -> Self {
        let ledger = |component| job.context.ledger(component);
        Self {
            job,
            splitters,
            hand,
            groups: GroupNumbers::default(),
            meta: MetaBuilder::default(),
            segments: 0,
            bases: 0,
            metadata: 0,
            open: None,
            ledgers: Ledgers {
                records: ledger("records"),
                groups: ledger("groups"),
                segments: ledger("segments"),
                metadata: ledger("metadata"),
            },
            progress: job.context.progress("bases", None),
        }
    }

    /// Reads all samples.
    pub(super) fn read(mut self) -> Result<Read, Stop> {
        for sample in self.job.samples {
            self.sample(sample)?;
        }
        let end = End {
            segments: self.segments,
            groups: self.groups.len() as u32,
        };
        Ok(Read {
            meta: self.meta,
            bases: self.bases,
            end,
            findings: self.hand.end(end)?,
        })
    }

    fn sample(&mut self, sample: &Sample) -> Result<(), Stop> {
        self.meta.begin_sample(&sample.name);
        scan(&sample.path, self).map_err(|error| match error {
            ScanError::Sink(stop) => stop,
            ScanError::Input(error) => Stop::Failed(Failure::from(error)),
        })?;
        self.end_record()
    }

    /// Cuts the record that is whole now.
    fn end_record(&mut self) -> Result<(), Stop> {
        let Some(sequence) = self.open.take() else {
            return Ok(());
        };
        if self.job.context.cancelled() {
            return Err(Stop::Closed);
        }
        let stage = self.job.context.stage("read");
        let length = sequence.len() as u64;
        let Coded { codes, layers } = Coded::new(&sequence);
        let held = (sequence.capacity() + codes.capacity()) as u64;
        self.ledgers.records.add(held);
        drop(sequence);
        let pieces = segments_of(&codes, self.job.settings.k, |value| {
            self.splitters.contains(&value)
        });
        drop(stage);
        for piece in pieces {
            let (key, turned) = orient(piece.front, piece.back);
            let (group, _) = self.groups.number(key);
            let mut codes = codes[piece.range].to_vec();
            if turned {
                reverse_complement(&mut codes);
            }
            self.meta.segment(group, codes.len() as u64, turned);
            let segment = Segment {
                ordinal: self.segments,
                group,
                codes,
            };
            self.segments += 1;
            self.ledgers.segments.add(segment.bytes());
            self.hand.segment(segment)?;
        }
        self.meta.end_record(length, &layers);
        self.bases += length;
        self.progress.add(length);
        self.ledgers.records.sub(held);
        self.ledgers.groups.set(self.groups.heap_bytes() as u64);
        let metadata = self.meta.heap_bytes() as u64;
        self.ledgers.metadata.add(metadata);
        self.ledgers.metadata.sub(self.metadata);
        self.metadata = metadata;
        Ok(())
    }
}

impl Sink for Reader<'_> {
    type Error = Stop;

    fn record(&mut self, header: &[u8]) -> Result<(), Stop> {
        self.end_record()?;
        self.meta.begin_record(header);
        self.open = Some(Vec::new());
        Ok(())
    }

    fn sequence(&mut self, bytes: &[u8]) -> Result<(), Stop> {
        if let Some(sequence) = &mut self.open {
            sequence.extend_from_slice(bytes);
        }
        Ok(())
    }
}
