//! Reads record after record, cuts each into segments, finds their groups, and hands them on.

use std::collections::HashSet;

use plimsoll_workload::{Failure, Gauge, Progress};

use super::shard::{Groups, Segment};
use crate::archive::{ArchiveFile, BlockWriter, MetaBuilder};
use crate::code::reverse_complement;
use crate::cut::segments_of;
use crate::fasta::{Sink, scan};
use crate::groups::GroupNumbers;
use crate::job::{Job, cancelled};
use crate::pipeline::Feed;
use crate::segment::orient;
use crate::whole::Coded;

/// Takes the samples apart.
pub(super) struct Reader<'r, 'f, 'j> {
    job: &'j Job<'j>,
    splitters: &'j HashSet<u64>,
    feed: &'r mut Feed<'f, Groups<'j>, BlockWriter<ArchiveFile>>,
    numbers: GroupNumbers,
    meta: MetaBuilder,
    bases: u64,
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
    pub(super) groups: u64,
    pub(super) bases: u64,
}

impl<'r, 'f, 'j> Reader<'r, 'f, 'j> {
    pub(super) fn new(
        job: &'j Job<'j>,
        splitters: &'j HashSet<u64>,
        feed: &'r mut Feed<'f, Groups<'j>, BlockWriter<ArchiveFile>>,
    ) -> Self {
        let ledger = |component| job.context.ledger(component);
        Self {
            job,
            splitters,
            feed,
            numbers: GroupNumbers::default(),
            meta: MetaBuilder::default(),
            bases: 0,
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
    pub(super) fn read(mut self) -> Result<Read, Failure> {
        for sample in self.job.inputs.samples() {
            self.meta.begin_sample(&sample.name);
            scan(&sample.path, &mut self)?;
            self.end_record()?;
        }
        Ok(Read {
            meta: self.meta,
            groups: self.numbers.len() as u64,
            bases: self.bases,
        })
    }

    /// Cuts the record that is whole now.
    fn end_record(&mut self) -> Result<(), Failure> {
        let Some(sequence) = self.open.take() else {
            return Ok(());
        };
        if self.job.context.cancelled() {
            return Err(cancelled());
        }
        let stage = self.job.context.stage("read");
        let length = sequence.len() as u64;
        let Coded { codes, layers } = Coded::new(&sequence);
        let held = (sequence.capacity() + codes.capacity()) as u64;
        self.ledgers.records.set(held);
        let pieces = segments_of(&codes, self.job.settings.k, |value| {
            self.splitters.contains(&value)
        });
        drop(stage);
        for piece in pieces {
            let (key, turned) = orient(piece.front, piece.back);
            let (group, _) = self.numbers.number(key);
            let mut codes = codes[piece.range].to_vec();
            if turned {
                reverse_complement(&mut codes);
            }
            self.meta.segment(group, codes.len() as u64, turned);
            let segment = Segment(codes);
            self.ledgers.segments.add(segment.bytes() as u64);
            self.feed.send(group, segment)?;
        }
        self.meta.end_record(length, &layers);
        self.bases += length;
        self.progress.add(length);
        self.ledgers.records.set(0);
        self.ledgers.groups.set(self.numbers.heap_bytes() as u64);
        self.ledgers.metadata.set(self.meta.heap_bytes() as u64);
        Ok(())
    }
}

impl Sink for Reader<'_, '_, '_> {
    type Error = Failure;

    fn record(&mut self, header: &[u8]) -> Result<(), Failure> {
        self.end_record()?;
        self.meta.begin_record(header);
        self.open = Some(Vec::new());
        Ok(())
    }

    fn sequence(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        if let Some(sequence) = &mut self.open {
            sequence.extend_from_slice(bytes);
        }
        Ok(())
    }
}
