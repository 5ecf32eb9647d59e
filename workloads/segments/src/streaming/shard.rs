//! The groups of one worker: references a byte a code, and a new index of them for every segment.

use plimsoll_workload::{Failure, Gauge};
use rustc_hash::FxHashMap;

use crate::archive::BlockKind;
use crate::delta::{Columns, hashed};
use crate::job::Job;
use crate::params::Settings;
use crate::pass::{Deltas, Grouped, ON_THE_WAY, Press, Presses, Raw, Spill};
use crate::pipeline::{Block, Shard};
use crate::plain;

/// A segment on its way to the worker of its group.
#[derive(Debug)]
pub(super) struct Segment {
    /// One byte a code, turned if it is to be.
    codes: Vec<u8>,
    opens: bool,
}

impl Segment {
    pub(super) fn new(segment: Grouped) -> Self {
        Self {
            codes: segment.codes,
            opens: segment.opens,
        }
    }
}

/// A reference, and the deltas that are not written yet.
#[derive(Debug)]
struct Group {
    reference: Vec<u8>,
    deltas: Deltas,
}

/// The groups of one worker.
pub(super) struct Groups {
    settings: Settings,
    press: Press,
    groups: FxHashMap<u32, Group>,
    raw: Raw,
    delta: Columns,
    /// Nothing is ever moved to it.
    spill: Spill,
    on_the_way: Gauge,
    references: Gauge,
    open_packs: Gauge,
}

impl Groups {
    pub(super) fn new(job: &Job<'_>, presses: &Presses) -> Result<Self, Failure> {
        Ok(Self {
            settings: *job.settings,
            press: presses.press()?,
            groups: FxHashMap::default(),
            raw: Raw::default(),
            delta: Columns::default(),
            spill: Spill::new(job.context.scratch()),
            on_the_way: job.context.ledger(ON_THE_WAY),
            references: job.context.ledger("references"),
            open_packs: job.context.ledger("open packs"),
        })
    }
}

impl Shard for Groups {
    type Work = Segment;
    type Block = Block;

    fn weigh(work: &Segment) -> usize {
        work.codes.capacity()
    }

    fn add(&mut self, group: u32, work: Segment, blocks: &mut Vec<Block>) -> Result<u32, Failure> {
        self.on_the_way.sub(Self::weigh(&work) as u64);
        if work.opens {
            let mut payload = Vec::new();
            plain::write(&work.codes, &mut payload);
            blocks.push(self.press.block(BlockKind::Reference, group, &payload)?);
            self.references.add(work.codes.capacity() as u64);
            let new = Group {
                reference: work.codes,
                deltas: Deltas::default(),
            };
            self.groups.insert(group, new);
            return Ok(0);
        }
        let Some(known) = self.groups.get_mut(&group) else {
            let before = self.raw.heap_bytes();
            let (member, filled) = self.raw.add(&work.codes, &self.settings);
            self.open_packs.add(self.raw.heap_bytes() as u64);
            self.open_packs.sub(before as u64);
            self.press.add(0, filled, blocks)?;
            return Ok(member);
        };
        if work.codes == known.reference {
            return Ok(0);
        }
        let delta = &mut self.delta;
        hashed::encode(
            &work.codes,
            &known.reference,
            self.settings.min_match,
            delta,
        );
        let before = known.deltas.heap_bytes();
        let (member, filled) = known.deltas.add(delta, &self.settings, &self.spill)?;
        self.open_packs.add(known.deltas.heap_bytes() as u64);
        self.open_packs.sub(before as u64);
        self.press.add(group, filled, blocks)?;
        Ok(member)
    }

    fn close(&mut self, group: u32, blocks: &mut Vec<Block>) -> Result<(), Failure> {
        let open = match self.groups.remove(&group) {
            Some(mut known) => {
                self.references.sub(known.reference.capacity() as u64);
                self.open_packs.sub(known.deltas.heap_bytes() as u64);
                known.deltas.close(&self.spill)?
            }
            None if group == 0 => self.raw.close(),
            None => None,
        };
        self.press.add(group, open, blocks)
    }
}
