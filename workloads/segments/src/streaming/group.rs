//! What is kept of a group while segments come.

use crate::archive::BlockKind;
use crate::delta::{Columns, hashed};
use crate::pack::{OpenPack, RAW_PACK_CODES};
use crate::params::Settings;
use crate::plain;

/// A payload that is ready to be compressed.
pub(super) type Payload = (BlockKind, Vec<u8>);

/// A group and its open pack.
#[derive(Debug, Default)]
pub(super) enum Group {
    /// Nothing has come yet.
    #[default]
    New,
    Referenced(Referenced),
    Raw(Raw),
}

/// The reference, a byte a code, and the deltas that are not written yet.
#[derive(Debug)]
pub(super) struct Referenced {
    reference: Vec<u8>,
    open: OpenPack,
    /// Deltas in packs that are closed.
    closed: u32,
}

/// The plain blocks that are not written yet.
#[derive(Debug, Default)]
pub(super) struct Raw {
    open: Vec<u8>,
    open_members: u32,
    codes: usize,
    /// Members in packs that are closed.
    closed: u32,
}

impl Group {
    /// Takes the next segment, the first as the reference; its member number, and what it makes or closes.
    pub(super) fn take(
        &mut self,
        codes: Vec<u8>,
        settings: &Settings,
        delta: &mut Columns,
    ) -> (u32, Option<Payload>) {
        match self {
            Self::New => {
                let mut payload = Vec::new();
                plain::write(&codes, &mut payload);
                *self = Self::Referenced(Referenced {
                    reference: codes,
                    open: OpenPack::default(),
                    closed: 0,
                });
                (0, Some((BlockKind::Reference, payload)))
            }
            Self::Referenced(group) => group.take(&codes, settings, delta),
            Self::Raw(group) => group.take(&codes, settings),
        }
    }

    /// The pack that is open, if anything is in it.
    pub(super) fn close(&mut self) -> Option<Payload> {
        match self {
            Self::New => None,
            Self::Referenced(group) => (!group.open.is_empty()).then(|| group.close()),
            Self::Raw(group) => (group.open_members > 0).then(|| group.close()),
        }
    }

    /// Bytes of the reference.
    pub(super) fn reference_bytes(&self) -> usize {
        match self {
            Self::Referenced(group) => group.reference.capacity(),
            Self::New | Self::Raw(_) => 0,
        }
    }

    /// Bytes of the open pack.
    pub(super) fn open_bytes(&self) -> usize {
        match self {
            Self::New => 0,
            Self::Referenced(group) => group.open.heap_bytes(),
            Self::Raw(group) => group.open.capacity(),
        }
    }
}

impl Referenced {
    fn take(
        &mut self,
        codes: &[u8],
        settings: &Settings,
        delta: &mut Columns,
    ) -> (u32, Option<Payload>) {
        if codes == self.reference {
            return (0, None);
        }
        hashed::encode(codes, &self.reference, settings.min_match, delta);
        let known = self.open.find(delta);
        let place = known.unwrap_or_else(|| self.open.push(delta));
        let member = self.closed + place as u32 + 1;
        let full = self.open.len() == settings.pack as usize;
        (member, full.then(|| self.close()))
    }

    fn close(&mut self) -> Payload {
        let mut payload = Vec::new();
        self.open.payload(&mut payload);
        self.closed += self.open.len() as u32;
        self.open.clear();
        (BlockKind::Pack, payload)
    }
}

impl Raw {
    fn take(&mut self, codes: &[u8], settings: &Settings) -> (u32, Option<Payload>) {
        plain::write(codes, &mut self.open);
        let member = self.closed + self.open_members;
        self.open_members += 1;
        self.codes += codes.len();
        let full = self.open_members == settings.pack || self.codes >= RAW_PACK_CODES;
        (member, full.then(|| self.close()))
    }

    fn close(&mut self) -> Payload {
        let payload = std::mem::take(&mut self.open);
        self.closed += self.open_members;
        self.open_members = 0;
        self.codes = 0;
        (BlockKind::RawPack, payload)
    }
}
