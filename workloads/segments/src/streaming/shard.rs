//! The groups of one worker, as a pipeline sees them.

use plimsoll_workload::{Context, Failure, Gauge};

use super::group::{Group, Payload};
use crate::archive::{BlockKind, OneShot};
use crate::delta::Columns;
use crate::job::archive_failure;
use crate::params::Settings;
use crate::pipeline::{Block, Shard};

/// A segment on its way to its group: one byte a code, turned if it is to be.
#[derive(Debug)]
pub(super) struct Segment(pub(super) Vec<u8>);

impl Segment {
    /// Bytes that it takes.
    pub(super) fn bytes(&self) -> usize {
        size_of::<Self>() + self.0.capacity()
    }
}

/// Every so many-th group, and what their segments are encoded with.
#[derive(Debug)]
pub(super) struct Groups<'a> {
    context: &'a Context,
    settings: &'a Settings,
    stride: u32,
    groups: Vec<Group>,
    zstd: OneShot,
    delta: Columns,
    segments: Gauge,
    references: Gauge,
    packs: Gauge,
}

impl<'a> Groups<'a> {
    /// One of `stride` workers' groups.
    pub(super) fn new(
        settings: &'a Settings,
        stride: u32,
        context: &'a Context,
    ) -> Result<Self, Failure> {
        Ok(Self {
            context,
            settings,
            stride,
            groups: Vec::new(),
            zstd: OneShot::new().map_err(archive_failure)?,
            delta: Columns::default(),
            segments: context.ledger("segments"),
            references: context.ledger("references"),
            packs: context.ledger("packs"),
        })
    }

    /// The group of this number; groups of a worker come in order, the raw one whenever it likes.
    fn group(&mut self, number: u32) -> &mut Group {
        let index = (number / self.stride) as usize;
        if self.groups.len() <= index {
            self.groups.resize_with(index + 1, Group::default);
        }
        if number == 0 && matches!(self.groups[index], Group::New) {
            self.groups[index] = Group::Raw(<_>::default());
        }
        &mut self.groups[index]
    }

    fn compress(
        &mut self,
        number: u32,
        (kind, payload): Payload,
        blocks: &mut Vec<Block>,
    ) -> Result<(), Failure> {
        let level = match kind {
            BlockKind::Reference => self.settings.ref_level,
            _ => self.settings.level,
        };
        let block = Block::compress(&mut self.zstd, kind, number, &payload, level)?;
        blocks.push(block);
        Ok(())
    }
}

impl Shard for Groups<'_> {
    type Work = Segment;
    type Block = Block;

    fn weigh(work: &Segment) -> usize {
        work.bytes()
    }

    fn add(&mut self, number: u32, work: Segment, blocks: &mut Vec<Block>) -> Result<u32, Failure> {
        let _stage = self.context.stage("encode");
        let bytes = work.bytes() as u64;
        let settings = self.settings;
        let mut delta = std::mem::take(&mut self.delta);
        let group = self.group(number);
        let before = (group.reference_bytes(), group.open_bytes());
        let (member, payload) = group.take(work.0, settings, &mut delta);
        let after = (group.reference_bytes(), group.open_bytes());
        self.delta = delta;
        self.references.add((after.0 - before.0) as u64);
        self.packs.add(after.1 as u64);
        self.packs.sub(before.1 as u64);
        self.segments.sub(bytes);
        if let Some(payload) = payload {
            self.compress(number, payload, blocks)?;
        }
        Ok(member)
    }

    fn close(&mut self, number: u32, blocks: &mut Vec<Block>) -> Result<(), Failure> {
        let _stage = self.context.stage("encode");
        let group = self.group(number);
        let before = group.open_bytes();
        let payload = group.close();
        self.packs.sub(before as u64);
        match payload {
            Some(payload) => self.compress(number, payload, blocks),
            None => Ok(()),
        }
    }
}
