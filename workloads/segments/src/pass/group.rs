//! What is numbered and packed within a group, the same whatever the group keeps of its reference.

use crate::archive::BlockKind;
use crate::delta::Columns;
use crate::pack::{OpenPack, RAW_PACK_CODES};
use crate::params::Settings;
use crate::plain;

/// A payload that is ready to be compressed.
pub(crate) type Payload = (BlockKind, Vec<u8>);

/// The deltas of a group that are not written yet, and how many are.
#[derive(Debug, Default)]
pub(crate) struct Deltas {
    open: OpenPack,
    closed: u32,
}

impl Deltas {
    /// Takes the delta of a segment that differs from the reference: its member number, and the pack that it fills.
    pub(crate) fn add(&mut self, delta: &Columns, settings: &Settings) -> (u32, Option<Payload>) {
        let known = self.open.find(delta);
        let place = known.unwrap_or_else(|| self.open.push(delta));
        let member = self.closed + place as u32 + 1;
        let full = self.open.len() == settings.pack as usize;
        (member, if full { self.close() } else { None })
    }

    /// The open pack, if anything is in it.
    pub(crate) fn close(&mut self) -> Option<Payload> {
        if self.open.is_empty() {
            return None;
        }
        let mut payload = Vec::new();
        self.open.payload(&mut payload);
        self.closed += self.open.len() as u32;
        self.open.clear();
        Some((BlockKind::Pack, payload))
    }

    /// Bytes of the open pack.
    pub(crate) fn heap_bytes(&self) -> usize {
        self.open.heap_bytes()
    }
}

/// The segments without splitters that are not written yet, and how many are.
#[derive(Debug, Default)]
pub(crate) struct Raw {
    open: Vec<u8>,
    members: u32,
    codes: usize,
    closed: u32,
}

impl Raw {
    /// Takes the next segment: its member number, and the pack that it fills.
    pub(crate) fn add(&mut self, codes: &[u8], settings: &Settings) -> (u32, Option<Payload>) {
        plain::write(codes, &mut self.open);
        let member = self.closed + self.members;
        self.members += 1;
        self.codes += codes.len();
        let full = self.members == settings.pack || self.codes >= RAW_PACK_CODES;
        (member, if full { self.close() } else { None })
    }

    /// The open pack, if anything is in it.
    pub(crate) fn close(&mut self) -> Option<Payload> {
        let Self {
            open,
            members,
            closed,
            ..
        } = std::mem::take(self);
        self.closed = closed + members;
        (members > 0).then_some((BlockKind::RawPack, open))
    }

    /// Bytes of the open pack.
    pub(crate) fn heap_bytes(&self) -> usize {
        self.open.capacity()
    }
}
