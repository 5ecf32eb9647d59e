//! Gives each segment its group, notes what the archive tells of it, and sends it to the group's worker.

use plimsoll_workload::{Context, Failure, Gauge, Progress, StageTimer};

use super::Out;
use crate::archive::MetaBuilder;
use crate::code::reverse_complement;
use crate::groups::GroupNumbers;
use crate::job::cancelled;
use crate::layers::Layers;
use crate::pipeline::{Block, Feed, Shard};
use crate::segment::{End, Key, orient};

/// A segment with its place.
#[derive(Debug)]
pub(crate) struct Grouped {
    /// Codes in the direction in which they are stored.
    pub(crate) codes: Vec<u8>,
    pub(crate) key: Key,
    /// 0: without splitters.
    pub(crate) group: u32,
    /// It is the first of its group, and so its reference.
    pub(crate) opens: bool,
}

/// Takes records and their segments in order.
pub(crate) struct Grouping<'a, 'f, S: Shard<Block = Block>> {
    feed: &'a mut Feed<'f, S, Out>,
    numbers: GroupNumbers,
    meta: MetaBuilder,
    context: &'a Context,
    metadata: Gauge,
    on_the_way: Gauge,
    progress: Progress,
    bases: u64,
    /// Runs while this thread reads and cuts, and not while it hands on.
    reading: Option<StageTimer>,
}

/// What is known when all samples are read.
#[derive(Debug)]
pub(crate) struct Gathered {
    pub(crate) meta: MetaBuilder,
    pub(crate) bases: u64,
}

/// The component of the ledger for segments on their way to a worker.
pub(crate) const ON_THE_WAY: &str = "on the way";

impl<'a, 'f, S: Shard<Block = Block>> Grouping<'a, 'f, S> {
    pub(super) fn new(feed: &'a mut Feed<'f, S, Out>, context: &'a Context) -> Self {
        Self {
            feed,
            numbers: GroupNumbers::default(),
            meta: MetaBuilder::default(),
            context,
            metadata: context.ledger("metadata"),
            on_the_way: context.ledger(ON_THE_WAY),
            progress: context.progress("bases", None),
            bases: 0,
            reading: Some(context.stage("read")),
        }
    }

    pub(super) fn finish(self) -> Gathered {
        Gathered {
            meta: self.meta,
            bases: self.bases,
        }
    }

    pub(crate) fn begin_sample(&mut self, name: &[u8]) {
        self.meta.begin_sample(name);
    }

    pub(crate) fn begin_record(&mut self, header: &[u8]) {
        self.meta.begin_record(header);
    }

    /// How many segments came so far.
    pub(crate) fn segments(&self) -> usize {
        self.meta.segments()
    }

    /// Takes the record's next segment; `work` makes of it what its worker is sent.
    ///
    /// # Errors
    /// The run ends.
    pub(crate) fn take(
        &mut self,
        mut codes: Vec<u8>,
        (front, back): (End, End),
        work: impl FnOnce(Grouped) -> Result<S::Work, Failure>,
    ) -> Result<(), Failure> {
        let (key, turned) = orient(front, back);
        if turned {
            reverse_complement(&mut codes);
        }
        let (group, opens) = self.numbers.number(key);
        self.meta.segment(group, codes.len() as u64, turned);
        let work = work(Grouped {
            codes,
            key,
            group,
            opens,
        })?;
        self.reading = None;
        self.on_the_way.add(S::weigh(&work) as u64);
        self.feed.send(group, work)?;
        self.reading = Some(self.context.stage("read"));
        Ok(())
    }

    /// Ends the record: the bytes of its sequence, and its layers.
    ///
    /// # Errors
    /// The run was cancelled.
    pub(crate) fn end_record(&mut self, bases: u64, layers: &Layers) -> Result<(), Failure> {
        self.meta.end_record(bases, layers);
        self.bases += bases;
        self.progress.add(bases);
        let held = self.meta.heap_bytes() + self.numbers.heap_bytes();
        self.metadata.set(held as u64);
        if self.context.cancelled() {
            return Err(cancelled());
        }
        Ok(())
    }
}
