//! The groups of one worker: references at two bits a base, open packs as their bare columns, no index kept.

use std::sync::Arc;

use plimsoll_workload::{Context, Failure, Gauge};

use crate::archive::{BlockKind, OneShot};
use crate::delta::{Columns, Encoder};
use crate::pack::{OpenPack, RAW_PACK_CODES};
use crate::params::Settings;
use crate::pipeline::{Block, Shard};
use crate::plain;
use crate::varint::Cursor;

use super::buffers::Buffers;

/// A segment for its group.
#[derive(Debug)]
pub(crate) enum Work {
    /// A segment without splitters.
    Raw(Vec<u8>),
    /// The first of its group, as a plain block.
    Opens(Reference),
    /// A later one.
    Joins(Vec<u8>),
}

impl Work {
    /// Bytes that it holds while it waits.
    pub(crate) fn bytes(&self) -> usize {
        match self {
            Self::Raw(codes) | Self::Joins(codes) => codes.capacity(),
            Self::Opens(reference) => reference.filled.as_ref().map_or(0, Vec::capacity),
        }
    }
}

/// The first segment of a group.
#[derive(Debug)]
pub(crate) struct Reference {
    /// The codes, as a plain block.
    pub(crate) block: Arc<[u8]>,
    /// Whether it is stored as that block, or else as a delta in a pack of references.
    pub(crate) stored: bool,
    /// A pack of references that this one filled.
    pub(crate) filled: Option<Vec<u8>>,
}

/// One group: the first member, and the deltas that have not been written yet.
#[derive(Debug, Default)]
struct Group {
    reference: Arc<[u8]>,
    /// Deltas of the packs that were closed.
    closed: u32,
    open: OpenPack,
}

/// The segments without splitters that have not been written yet.
#[derive(Debug, Default)]
struct RawPack {
    payload: Vec<u8>,
    codes: usize,
    /// Members in this pack, and in those closed before.
    members: u32,
    closed: u32,
}

/// What a worker does for `bounded` and `cross-referenced`.
pub(crate) struct Groups {
    settings: Settings,
    /// Groups go to the workers in turn: every so many-th is here.
    stride: u32,
    groups: Vec<Group>,
    raw: RawPack,
    buffers: Arc<Buffers>,
    ledger: Ledger,
    zstd: OneShot,
    encoder: Encoder,
    // Filled anew for each segment.
    reference: Vec<u8>,
    columns: Columns,
    payload: Vec<u8>,
}

/// What the program believes it holds for groups.
#[derive(Debug)]
struct Ledger {
    references: Gauge,
    open_packs: Gauge,
    on_the_way: Gauge,
}

impl Groups {
    pub(crate) fn new(
        settings: Settings,
        stride: u32,
        buffers: Arc<Buffers>,
        context: &Context,
    ) -> Result<Self, Failure> {
        Ok(Self {
            settings,
            stride,
            groups: Vec::new(),
            raw: RawPack::default(),
            buffers,
            ledger: Ledger {
                references: context.ledger("references"),
                open_packs: context.ledger("open packs"),
                on_the_way: context.ledger("on the way"),
            },
            zstd: OneShot::new()
                .map_err(|error| Failure::Other(format!("making a zstd context: {error}")))?,
            encoder: Encoder::new(settings.min_match),
            reference: Vec::new(),
            columns: Columns::default(),
            payload: Vec::new(),
        })
    }

    fn group(&mut self, group: u32) -> &mut Group {
        let index = (group / self.stride) as usize;
        if self.groups.len() <= index {
            self.groups.resize_with(index + 1, Group::default);
        }
        &mut self.groups[index]
    }

    fn raw(&mut self, codes: &[u8], blocks: &mut Vec<Block>) -> Result<u32, Failure> {
        let before = self.raw.payload.len();
        plain::write(codes, &mut self.raw.payload);
        let grown = self.raw.payload.len() - before;
        self.ledger.open_packs.add(grown as u64);
        self.raw.members += 1;
        self.raw.codes += codes.len();
        let member = self.raw.closed + self.raw.members - 1;
        if self.raw.members == self.settings.pack || self.raw.codes >= RAW_PACK_CODES {
            self.close_raw(blocks)?;
        }
        Ok(member)
    }

    fn close_raw(&mut self, blocks: &mut Vec<Block>) -> Result<(), Failure> {
        let RawPack {
            payload,
            members,
            closed,
            ..
        } = std::mem::take(&mut self.raw);
        self.raw.closed = closed + members;
        self.ledger.open_packs.sub(payload.len() as u64);
        blocks.push(self.compressed(BlockKind::RawPack, 0, &payload)?);
        Ok(())
    }

    fn open(
        &mut self,
        group: u32,
        reference: Reference,
        blocks: &mut Vec<Block>,
    ) -> Result<u32, Failure> {
        if reference.stored {
            blocks.push(self.compressed(BlockKind::Reference, group, &reference.block)?);
        }
        if let Some(payload) = reference.filled {
            blocks.push(self.compressed(BlockKind::CrossPack, 0, &payload)?);
        }
        self.ledger.references.add(reference.block.len() as u64);
        self.group(group).reference = reference.block;
        Ok(0)
    }

    fn join(&mut self, group: u32, codes: &[u8], blocks: &mut Vec<Block>) -> Result<u32, Failure> {
        let index = (group / self.stride) as usize;
        let held = &mut self.groups[index];
        if plain::equals(&held.reference, codes) {
            return Ok(0);
        }
        plain::read(
            &mut Cursor::new(&held.reference),
            usize::MAX,
            &mut self.reference,
        )
        .map_err(|damage| Failure::Other(format!("a reference in memory: {damage}")))?;
        self.columns.clear();
        self.encoder
            .encode(codes, &self.reference, &mut self.columns);
        let first = held.closed + 1;
        if let Some(place) = held.open.find(&self.columns) {
            return Ok(first + place as u32);
        }
        let before = held.open.heap_bytes();
        let place = held.open.push(&self.columns);
        let grown = held.open.heap_bytes() - before;
        self.ledger.open_packs.add(grown as u64);
        if held.open.len() == self.settings.pack as usize {
            self.close_pack(group, blocks)?;
        }
        Ok(first + place as u32)
    }

    fn close_pack(&mut self, group: u32, blocks: &mut Vec<Block>) -> Result<(), Failure> {
        let held = &mut self.groups[(group / self.stride) as usize];
        let pack = std::mem::take(&mut held.open);
        held.closed += pack.len() as u32;
        self.ledger.open_packs.sub(pack.heap_bytes() as u64);
        let mut payload = std::mem::take(&mut self.payload);
        payload.clear();
        pack.payload(&mut payload);
        blocks.push(self.compressed(BlockKind::Pack, group, &payload)?);
        self.payload = payload;
        Ok(())
    }

    fn compressed(
        &mut self,
        kind: BlockKind,
        group: u32,
        payload: &[u8],
    ) -> Result<Block, Failure> {
        let level = match kind {
            BlockKind::Reference => self.settings.ref_level,
            _ => self.settings.level,
        };
        Block::compress(&mut self.zstd, kind, group, payload, level)
    }
}

impl Shard for Groups {
    type Work = Work;
    type Block = Block;

    fn weigh(work: &Work) -> usize {
        work.bytes()
    }

    fn add(&mut self, group: u32, work: Work, blocks: &mut Vec<Block>) -> Result<u32, Failure> {
        self.ledger.on_the_way.sub(Self::weigh(&work) as u64);
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
        if group == 0 {
            if self.raw.members > 0 {
                self.close_raw(blocks)?;
            }
        } else if !self.group(group).open.is_empty() {
            self.close_pack(group, blocks)?;
        }
        Ok(())
    }
}
