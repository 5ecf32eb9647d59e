//! The groups of one worker: references at two bits a base, open packs as their bare columns, no index kept.

use std::sync::Arc;

use plimsoll_workload::{Failure, Gauge};

use super::buffers::Buffers;
use super::cross_references::Stored;
use super::references::{Kept, LEDGER, unpack};
use super::work::{Reference, Work};
use crate::archive::BlockKind;
use crate::delta::{Columns, Encoder};
use crate::job::Job;
use crate::params::Settings;
use crate::pass::{Deltas, ON_THE_WAY, Press, Presses, Raw, Spill};
use crate::pipeline::{Block, Shard};
use crate::plain;

/// A reference, and the deltas that are not written yet.
#[derive(Debug)]
struct Group {
    reference: Kept,
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
    /// Bytes of open packs that are held, and how many may be.
    held: usize,
    most: usize,
    /// The rest of them, and the group whose turn it is to go there.
    spill: Spill,
    next_to_spill: usize,
    // Filled anew for each segment.
    block: Vec<u8>,
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
        most: usize,
    ) -> Result<Self, Failure> {
        Ok(Self {
            settings: *job.settings,
            stride: stride as u32,
            groups: Vec::new(),
            raw: Raw::default(),
            buffers: Arc::clone(buffers),
            press: presses.press()?,
            encoder: Encoder::new(job.settings.min_match),
            held: 0,
            most,
            spill: Spill::new(job.context.scratch()),
            next_to_spill: 0,
            block: Vec::new(),
            reference: Vec::new(),
            delta: Columns::default(),
            on_the_way: job.context.ledger(ON_THE_WAY),
            references: job.context.ledger(LEDGER),
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
        self.account(before, self.raw.heap_bytes());
        self.press.add(0, filled, blocks)?;
        Ok(member)
    }

    fn open(
        &mut self,
        group: u32,
        reference: Reference,
        blocks: &mut Vec<Block>,
    ) -> Result<u32, Failure> {
        let Reference {
            block,
            kept,
            stored,
        } = reference;
        match stored {
            Stored::Alone => {
                blocks.push(self.press.block(BlockKind::Reference, group, &block)?);
            }
            Stored::Difference(filled) => {
                let filled = filled.map(|payload| (BlockKind::CrossPack, payload));
                self.press.add(0, filled, blocks)?;
            }
        }
        debug_assert_eq!(self.place(group), self.groups.len());
        self.groups.push(Group {
            reference: kept,
            deltas: Deltas::default(),
        });
        Ok(0)
    }

    fn join(&mut self, group: u32, codes: &[u8], blocks: &mut Vec<Block>) -> Result<u32, Failure> {
        let place = self.place(group);
        let known = &mut self.groups[place];
        let block = known.reference.block(&mut self.block)?;
        if plain::equals(block, codes) {
            return Ok(0);
        }
        unpack(block, &mut self.reference)?;
        self.encoder.encode(codes, &self.reference, &mut self.delta);
        let before = known.deltas.heap_bytes();
        let (member, filled) = known.deltas.add(&self.delta, &self.settings, &self.spill)?;
        let after = known.deltas.heap_bytes();
        self.account(before, after);
        self.press.add(group, filled, blocks)?;
        if self.held > self.most {
            self.make_room()?;
        }
        Ok(member)
    }

    /// Moves open packs to the file, in turn, until a quarter of the room is free.
    fn make_room(&mut self) -> Result<(), Failure> {
        for _ in 0..self.groups.len() {
            if self.held <= self.most / 4 * 3 {
                break;
            }
            self.next_to_spill = (self.next_to_spill + 1) % self.groups.len();
            let deltas = &mut self.groups[self.next_to_spill].deltas;
            let before = deltas.heap_bytes();
            deltas.spill(&mut self.spill)?;
            let after = deltas.heap_bytes();
            self.account(before, after);
        }
        Ok(())
    }

    /// Notes that an open pack takes so many bytes after it took so many before.
    fn account(&mut self, before: usize, after: usize) {
        self.held = self.held + after - before;
        self.open_packs.add(after as u64);
        self.open_packs.sub(before as u64);
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
            Some(known) if group > 0 => {
                // Nothing more is encoded against it.
                self.references.sub(known.reference.heap_bytes() as u64);
                known.reference = Kept::Held(Arc::default());
                (known.deltas.heap_bytes(), known.deltas.close(&self.spill)?)
            }
            _ if group == 0 => (self.raw.heap_bytes(), self.raw.close()),
            _ => return Ok(()),
        };
        self.account(held, 0);
        self.press.add(group, open, blocks)
    }
}
