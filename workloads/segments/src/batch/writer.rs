//! The writers of one group: the first segment is the reference, later ones wait until they fill a pack.

use plimsoll_workload::Failure;

use super::compressed::{CompressedPack, Description, Order};
use super::prepared::Handed;
use super::tools::Tools;
use crate::archive::BlockKind;
use crate::delta::{Columns, hashed};
use crate::pack::{OpenPack, RAW_PACK_CODES};
use crate::plain;

/// Encodes the segments of a group against the first of them.
#[derive(Debug)]
pub(super) struct GroupWriter<'t, S> {
    tools: &'t Tools,
    group: u32,
    reference: Vec<u8>,
    pending_segments: Vec<S>,
    open: OpenPack,
    /// Deltas in packs that are closed.
    closed: usize,
    described: Vec<Description>,
    packs: Vec<CompressedPack>,
}

impl<'t, S: Handed> GroupWriter<'t, S> {
    /// Begins a group with its reference.
    pub(super) fn new(tools: &'t Tools, group: u32, first: S) -> Result<Self, Failure> {
        let segment = first.borrow();
        let reference = segment.data.clone();
        tools.references.add(reference.capacity() as u64);
        let mut payload = Vec::new();
        plain::write(&reference, &mut payload);
        let mut writer = Self {
            tools,
            group,
            reference,
            pending_segments: Vec::new(),
            open: OpenPack::default(),
            closed: 0,
            described: vec![Description::new(segment, group, 0)],
            packs: Vec::new(),
        };
        let order = Order::Input(segment.ordinal);
        writer.compress(BlockKind::Reference, order, &payload)?;
        Ok(writer)
    }

    /// Takes the group's next segment.
    pub(super) fn add_segment(&mut self, segment: S) -> Result<(), Failure> {
        let ordinal = segment.borrow().ordinal;
        self.tools.pending.add(segment.held() as u64);
        self.pending_segments.push(segment);
        // None brings more than one delta, so that no pack is filled before its last segment has come.
        let pack = self.tools.settings.pack as usize;
        if self.open.len() + self.pending_segments.len() == pack {
            self.encode_pending();
            if self.open.len() == pack {
                self.close(Order::Input(ordinal))?;
            }
        }
        Ok(())
    }

    /// The group's packs; the last one is closed as it is.
    pub(super) fn finish(mut self) -> Result<Vec<CompressedPack>, Failure> {
        self.encode_pending();
        if !self.open.is_empty() {
            self.close(Order::End(self.group))?;
        } else if let Some(last) = self.packs.last_mut() {
            // Equal to the reference, or to deltas of the last pack: there is no block to bring them.
            let before = last.bytes();
            last.segments.append(&mut self.described);
            self.tools.packs.add(last.bytes() - before);
        }
        self.tools.references.sub(self.reference.capacity() as u64);
        Ok(self.packs)
    }

    fn encode_pending(&mut self) {
        let mut delta = Columns::default();
        for segment in self.pending_segments.drain(..) {
            let own = segment.borrow();
            let member = if own.data == self.reference {
                0
            } else {
                let min_match = self.tools.settings.min_match;
                hashed::encode(&own.data, &self.reference, min_match, &mut delta);
                let known = self.open.find(&[], &delta);
                let place = known.unwrap_or_else(|| self.open.push(&delta));
                self.closed + place + 1
            };
            let described = Description::new(own, self.group, member as u32);
            self.described.push(described);
            self.tools.pending.sub(segment.held() as u64);
        }
    }

    fn close(&mut self, order: Order) -> Result<(), Failure> {
        let mut payload = Vec::new();
        self.open.payload(&[], &mut payload);
        self.closed += self.open.len();
        self.open.clear();
        self.compress(BlockKind::Pack, order, &payload)
    }

    fn compress(&mut self, kind: BlockKind, order: Order, payload: &[u8]) -> Result<(), Failure> {
        let pack = CompressedPack {
            order,
            block: self.tools.block(kind, self.group, payload)?,
            segments: std::mem::take(&mut self.described),
        };
        self.tools.packs.add(pack.bytes());
        self.packs.push(pack);
        Ok(())
    }
}

/// Stores segments that have nothing in common.
#[derive(Debug)]
pub(super) struct RawWriter<'t, S> {
    tools: &'t Tools,
    pending_segments: Vec<S>,
    /// Codes of the pending segments.
    codes: usize,
    /// Members in packs that are closed.
    closed: usize,
    packs: Vec<CompressedPack>,
}

impl<'t, S: Handed> RawWriter<'t, S> {
    /// Begins the raw group.
    pub(super) fn new(tools: &'t Tools) -> Self {
        Self {
            tools,
            pending_segments: Vec::new(),
            codes: 0,
            closed: 0,
            packs: Vec::new(),
        }
    }

    /// Takes the group's next segment.
    pub(super) fn add_segment(&mut self, segment: S) -> Result<(), Failure> {
        let own = segment.borrow();
        let ordinal = own.ordinal;
        self.codes += own.data.len();
        self.tools.pending.add(segment.held() as u64);
        self.pending_segments.push(segment);
        if self.pending_segments.len() == self.tools.settings.pack as usize
            || self.codes >= RAW_PACK_CODES
        {
            self.close(Order::Input(ordinal))?;
        }
        Ok(())
    }

    /// The group's packs; the last one is closed as it is.
    pub(super) fn finish(mut self) -> Result<Vec<CompressedPack>, Failure> {
        if !self.pending_segments.is_empty() {
            self.close(Order::End(0))?;
        }
        Ok(self.packs)
    }

    fn close(&mut self, order: Order) -> Result<(), Failure> {
        let mut payload = Vec::new();
        let mut described = Vec::new();
        for segment in self.pending_segments.drain(..) {
            let own = segment.borrow();
            plain::write(&own.data, &mut payload);
            described.push(Description::new(own, 0, self.closed as u32));
            self.closed += 1;
            self.tools.pending.sub(segment.held() as u64);
        }
        self.codes = 0;
        let pack = CompressedPack {
            order,
            block: self.tools.block(BlockKind::RawPack, 0, &payload)?,
            segments: described,
        };
        self.tools.packs.add(pack.bytes());
        self.packs.push(pack);
        Ok(())
    }
}
