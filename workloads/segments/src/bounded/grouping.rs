//! Gives each segment its group, notes what the archive tells of it, and sends it to the group's worker.

use std::sync::Arc;

use plimsoll_workload::{Context, Failure, Gauge, Progress, StageTimer};

use crate::archive::{ArchiveFile, BlockWriter, MetaBuilder};
use crate::groups::GroupNumbers;
use crate::layers::Layers;
use crate::pipeline::Feed;
use crate::plain;

use super::buffers::Buffers;
use super::intake::{Oriented, Taker};
use super::memory::Memory;
use super::shard::{Groups, Reference, Work};

/// The feeder's side of a run.
pub(crate) struct Grouping<'a, 'f, 'm> {
    feed: &'a mut Feed<'f, Groups, BlockWriter<ArchiveFile>>,
    numbers: GroupNumbers,
    pub(crate) meta: MetaBuilder,
    memory: &'a mut Memory<'m>,
    buffers: &'a Buffers,
    context: &'a Context,
    metadata: Gauge,
    on_the_way: Gauge,
    progress: Progress,
    bases: u64,
    /// Runs while this thread reads and cuts, and not while it hands on.
    reading: Option<StageTimer>,
}

/// What is left when all samples are read.
#[derive(Debug)]
pub(crate) struct Gathered {
    pub(crate) meta: MetaBuilder,
    pub(crate) groups: u64,
    pub(crate) bases: u64,
}

impl<'a, 'f, 'm> Grouping<'a, 'f, 'm> {
    pub(crate) fn new(
        feed: &'a mut Feed<'f, Groups, BlockWriter<ArchiveFile>>,
        memory: &'a mut Memory<'m>,
        buffers: &'a Buffers,
        context: &'a Context,
    ) -> Self {
        Self {
            feed,
            numbers: GroupNumbers::default(),
            meta: MetaBuilder::default(),
            memory,
            buffers,
            context,
            metadata: context.ledger("metadata"),
            on_the_way: context.ledger("on the way"),
            progress: context.progress("bases", None),
            bases: 0,
            reading: Some(context.stage("read")),
        }
    }

    pub(crate) fn finish(self) -> Gathered {
        Gathered {
            meta: self.meta,
            groups: self.numbers.len() as u64,
            bases: self.bases,
        }
    }

    fn work(&self, codes: Vec<u8>, group: u32, opens: bool) -> Work {
        if opens {
            let mut block = Vec::new();
            plain::write(&codes, &mut block);
            self.buffers.give(codes);
            Work::Opens(Reference {
                block: Arc::from(block),
                stored: true,
                filled: None,
            })
        } else if group == 0 {
            Work::Raw(codes)
        } else {
            Work::Joins(codes)
        }
    }
}

impl Taker for Grouping<'_, '_, '_> {
    fn take(&mut self, segment: Oriented) -> Result<(), Failure> {
        self.reading = None;
        let Oriented { codes, key, turned } = segment;
        let (group, opens) = self.numbers.number(key);
        self.meta.segment(group, codes.len() as u64, turned);
        self.memory
            .check(|| format!("{} segments have been read", self.meta.segments()))?;
        let work = self.work(codes, group, opens);
        self.on_the_way.add(work.bytes() as u64);
        self.feed.send(group, work)?;
        self.reading = Some(self.context.stage("read"));
        Ok(())
    }

    fn begin_record(&mut self, header: &[u8]) {
        self.meta.begin_record(header);
    }

    fn end_record(&mut self, bases: u64, layers: &Layers) -> Result<(), Failure> {
        self.meta.end_record(bases, layers);
        self.bases += bases;
        self.progress.add(bases);
        let held = self.meta.heap_bytes() + self.numbers.heap_bytes();
        self.metadata.set(held as u64);
        if self.context.cancelled() {
            return Err(Failure::Other(format!(
                "cancelled after {} bases; nothing was written, start it again",
                self.bases
            )));
        }
        Ok(())
    }
}
