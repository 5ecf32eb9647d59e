//! A worker: encodes the segments of its groups as they come, and delivers the blocks.

use plimsoll_workload::{Context, Failure, Gauge};
use rustc_hash::FxHashMap;

use super::group::{Group, Payload};
use crate::archive::{ArchiveFile, BlockKind, BlockWriter, OneShot};
use crate::block::Block;
use crate::delta::Columns;
use crate::job::archive_failure;
use crate::ordered::{self, Closed, Ordered};
use crate::params::Settings;

/// What the archive is written with.
pub(super) type Out = BlockWriter<ArchiveFile>;

/// A segment on its way to the worker of its group.
#[derive(Debug)]
pub(super) struct Segment {
    /// Its place among all segments, in input order.
    pub(super) ordinal: u64,
    pub(super) group: u32,
    /// One byte a code, turned if it is to be.
    pub(super) codes: Vec<u8>,
}

impl Segment {
    /// Bytes that it takes.
    pub(super) fn bytes(&self) -> u64 {
        (size_of::<Self>() + self.codes.capacity()) as u64
    }
}

/// All that was cut.
#[derive(Debug, Clone, Copy)]
pub(super) struct End {
    pub(super) segments: u64,
    /// The highest group number.
    pub(super) groups: u32,
}

/// Why a worker goes no further.
#[derive(Debug)]
pub(super) enum Stop {
    /// Something failed here.
    Failed(Failure),
    /// Something failed elsewhere, or the run was cancelled.
    Closed,
}

impl From<Closed> for Stop {
    fn from(_: Closed) -> Self {
        Self::Closed
    }
}

/// What a worker tells in the end.
#[derive(Debug, Default)]
pub(super) struct Findings {
    /// Ordinals and member numbers of its segments.
    pub(super) members: Vec<(u64, u32)>,
    /// Its groups and how many deltas each has.
    pub(super) deltas: Vec<(u32, u32)>,
    /// Packs written.
    pub(super) packs: u64,
}

/// One of several workers, each with the groups whose number it has, modulo their number.
pub(super) struct Worker<'a> {
    context: &'a Context,
    settings: &'a Settings,
    /// Which of the workers, and of how many.
    shard: (u32, u32),
    out: ordered::Worker<'a, Out>,
    zstd: OneShot,
    stored: Vec<u8>,
    delta: Columns,
    groups: FxHashMap<u32, Group>,
    findings: Findings,
    ledgers: Ledgers,
}

#[derive(Debug)]
struct Ledgers {
    segments: Gauge,
    references: Gauge,
    packs: Gauge,
    members: Gauge,
}

impl<'a> Worker<'a> {
    /// The worker `shard.0` of `shard.1`.
    pub(super) fn new(
        context: &'a Context,
        settings: &'a Settings,
        shard: (u32, u32),
        ordered: &'a Ordered<Out>,
    ) -> Result<Self, Failure> {
        Ok(Self {
            context,
            settings,
            shard,
            out: ordered.worker(),
            zstd: OneShot::new().map_err(archive_failure)?,
            stored: Vec::new(),
            delta: Columns::default(),
            groups: FxHashMap::default(),
            findings: Findings::default(),
            ledgers: Ledgers {
                segments: context.ledger("segments"),
                references: context.ledger("references"),
                packs: context.ledger("packs"),
                members: context.ledger("metadata"),
            },
        })
    }

    /// Encodes a segment of one of its groups; ordinals ascend.
    pub(super) fn take(&mut self, segment: Segment) -> Result<(), Stop> {
        let stage = self.context.stage("encode");
        let bytes = segment.bytes();
        let (ordinal, number) = (segment.ordinal, segment.group);
        let (member, payload) = self.encode(segment);
        self.ledgers.segments.sub(bytes);
        self.findings.members.push((ordinal, member));
        self.ledgers.members.add(size_of::<(u64, u32)>() as u64);
        let block = match payload {
            Some(payload) => Some(self.block(number, &payload)?),
            None => None,
        };
        drop(stage);
        self.deliver(ordinal, block)
    }

    /// Closes the packs that are still open, and tells what was found.
    pub(super) fn end(mut self, end: End) -> Result<Findings, Stop> {
        let (own, workers) = self.shard;
        // After all segments come as many ordinals as there are groups, so that open packs come in their order.
        for number in (own..=end.groups).step_by(workers as usize) {
            let payload = self.groups.get_mut(&number).and_then(Group::close);
            let block = match payload {
                Some(payload) => Some(self.block(number, &payload)?),
                None => None,
            };
            self.deliver(end.segments + u64::from(number), block)?;
            if let Some(group) = self.groups.remove(&number) {
                self.findings.deltas.push((number, group.deltas()));
                self.ledgers.references.sub(group.reference_bytes() as u64);
            }
        }
        self.out.finish();
        Ok(self.findings)
    }

    fn encode(&mut self, segment: Segment) -> (u32, Option<Payload>) {
        let Segment { group, codes, .. } = segment;
        let known = match group {
            0 => Some(
                self.groups
                    .entry(0)
                    .or_insert_with(|| Group::Raw(<_>::default())),
            ),
            number => self.groups.get_mut(&number),
        };
        let Some(known) = known else {
            let (new, payload) = Group::referenced(codes);
            self.ledgers.references.add(new.reference_bytes() as u64);
            self.groups.insert(group, new);
            return (0, Some(payload));
        };
        let before = known.open_bytes() as u64;
        let taken = known.take(&codes, self.settings, &mut self.delta);
        self.ledgers.packs.add(known.open_bytes() as u64);
        self.ledgers.packs.sub(before);
        taken
    }

    fn block(&mut self, group: u32, (kind, payload): &Payload) -> Result<Block, Stop> {
        let level = match kind {
            BlockKind::Reference => self.settings.ref_level,
            _ => self.settings.level,
        };
        self.zstd
            .compress(payload, level, &mut self.stored)
            .map_err(|error| Stop::Failed(archive_failure(error)))?;
        self.findings.packs += u64::from(*kind != BlockKind::Reference);
        Ok(Block {
            kind: *kind,
            group,
            payload: payload.len(),
            stored: self.stored.to_vec(),
        })
    }

    fn deliver(&mut self, ordinal: u64, block: Option<Block>) -> Result<(), Stop> {
        let _stage = self.context.stage("write");
        Ok(self.out.deliver(ordinal, Vec::from_iter(block))?)
    }
}
