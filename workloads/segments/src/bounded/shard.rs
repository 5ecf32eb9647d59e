//! The groups of one worker: references at two bits a base, open packs as their bare columns, no index kept.

use std::sync::Arc;

use plimsoll_workload::{Failure, Gauge};

use super::buffers::Buffers;
use super::cross_references::Stored;
use super::work::{Reference, Work};
use crate::archive::BlockKind;
use crate::delta::{Columns, Encoder};
use crate::job::Job;
use crate::params::Settings;
use crate::pass::{Deltas, ON_THE_WAY, Press, Presses, Raw};
use crate::pipeline::{Block, Shard};
use crate::plain;
use crate::varint::Cursor;

/// A reference as a plain block, and the deltas that are not written yet.
#[derive(Debug)]
struct Group {
    reference: Arc<[u8]>,
    deltas: Deltas,
}

/// The groups of one worker, and its scratch memory.
pub(super) struct Groups {
    settings: Settings,
    /// Groups go to the workers in turn: every so many-th is here.
    stride: u32,
    groups: Vec<Group>,
    raw: Raw,
    buffers: Arc<Buffers>,
    press: Press,
    encoder: Encoder,
    // Filled anew for each segment.
    reference: Vec<u8>,
    delta: Columns,
    on_the_way: Gauge,
    references: Gauge,
    open_packs: Gauge,
}

impl Groups {
    pub(super) fn new(
        job: &Job<'_>,
        stride: usize,
        buffers: &Arc<Buffers>,
        presses: &Presses,
    ) -> Result<Self, Failure> {
        Ok(Self {
            settings: *job.settings,
            stride: stride as u32,
            groups: Vec::new(),
            raw: Raw::default(),
            buffers: Arc::clone(buffers),
            press: presses.press()?,
            encoder: Encoder::new(job.settings.min_match),
            reference: Vec::new(),
            delta: Columns::default(),
            on_the_way: job.context.ledger(ON_THE_WAY),
            references: job.context.ledger("references"),
            open_packs: job.context.ledger("open packs"),
        })
    }

    /// Where a group is: groups are opened in order, and group 0 is not among them.
    fn place(&self, group: u32) -> usize {
        (group.saturating_sub(1) / self.stride) as usize
    }

    fn raw(&mut self, codes: &[u8], blocks: &mut Vec<Block>) -> Result<u32, Failure> {
        let before = self.raw.heap_bytes();
        let (member, filled) = self.raw.add(codes, &self.settings);
        self.open_packs.add(self.raw.heap_bytes() as u64);
        self.open_packs.sub(before as u64);
        self.press.add(0, filled, blocks)?;
        Ok(member)
    }

    fn open(
        &mut self,
        group: u32,
        reference: Reference,
        blocks: &mut Vec<Block>,
    ) -> Result<u32, Failure> {
        let Reference { block, stored } = reference;
        match stored {
            Stored::Alone => {
                blocks.push(self.press.block(BlockKind::Reference, group, &block)?);
            }
            Stored::Difference(filled) => {
                let filled = filled.map(|payload| (BlockKind::CrossPack, payload));
                self.press.add(0, filled, blocks)?;
            }
        }
        self.references.add(block.len() as u64);
        debug_assert_eq!(self.place(group), self.groups.len());
        self.groups.push(Group {
            reference: block,
            deltas: Deltas::default(),
        });
        Ok(0)
    }

    fn join(&mut self, group: u32, codes: &[u8], blocks: &mut Vec<Block>) -> Result<u32, Failure> {
        let place = self.place(group);
        let known = &mut self.groups[place];
        if plain::equals(&known.reference, codes) {
            return Ok(0);
        }
        let mut block = Cursor::new(&known.reference);
        plain::read(&mut block, usize::MAX, &mut self.reference)
            .map_err(|damage| Failure::Other(format!("a reference in memory: {damage}")))?;
        self.encoder.encode(codes, &self.reference, &mut self.delta);
        let before = known.deltas.heap_bytes();
        let (member, filled) = known.deltas.add(&self.delta, &self.settings);
        self.open_packs.add(known.deltas.heap_bytes() as u64);
        self.open_packs.sub(before as u64);
        self.press.add(group, filled, blocks)?;
        Ok(member)
    }
}

impl Shard for Groups {
    type Work = Work;
    type Block = Block;

    fn weigh(work: &Work) -> usize {
        work.bytes()
    }

    fn add(&mut self, group: u32, work: Work, blocks: &mut Vec<Block>) -> Result<u32, Failure> {
        self.on_the_way.sub(work.bytes() as u64);
        match work {
            Work::Opens(reference) => self.open(group, reference, blocks),
            Work::Raw(codes) => {
                let member = self.raw(&codes, blocks);
                self.buffers.give(codes);
                member
            }
            Work::Joins(codes) => {
                let member = self.join(group, &codes, blocks);
                self.buffers.give(codes);
                member
            }
        }
    }

    fn close(&mut self, group: u32, blocks: &mut Vec<Block>) -> Result<(), Failure> {
        let place = self.place(group);
        let (held, open) = match self.groups.get_mut(place) {
            Some(known) if group > 0 => (known.deltas.heap_bytes(), known.deltas.close()),
            _ if group == 0 => (self.raw.heap_bytes(), self.raw.close()),
            _ => return Ok(()),
        };
        self.open_packs.sub(held as u64);
        self.press.add(group, open, blocks)
    }
}
