//! References against earlier references, found on the way: what `cross-referenced` adds to the pass.

use plimsoll_workload::{Context, Failure, Gauge};

use super::references::{Kept, unpack};
use crate::cross::{self, Directory};
use crate::delta::{Columns, Encoder};
use crate::pack::OpenPack;
use crate::params::Settings;
use crate::pass::Differences;
use crate::segment::Key;

/// All references so far, and the pack of those that are stored as differences.
pub(super) struct CrossReferences {
    pack: u32,
    directory: Directory,
    /// The references of groups 1, 2, and so on.
    references: Vec<Kept>,
    keys: Vec<Key>,
    differences: Vec<bool>,
    open: OpenPack,
    encoder: Encoder,
    // Filled anew for each reference.
    joined: Vec<u8>,
    unpacked: Vec<u8>,
    room: Vec<u8>,
    delta: Columns,
    ledger: Gauge,
}

/// How the reference of a new group is stored.
#[derive(Debug)]
pub(super) enum Stored {
    /// As a block of its own.
    Alone,
    /// As a difference, which may fill a pack; then its payload.
    Difference(Option<Vec<u8>>),
}

impl CrossReferences {
    pub(super) fn new(settings: &Settings, context: &Context) -> Self {
        Self {
            pack: settings.pack,
            directory: Directory::default(),
            references: Vec::new(),
            keys: Vec::new(),
            differences: Vec::new(),
            open: OpenPack::default(),
            encoder: Encoder::new(settings.min_match),
            joined: Vec::new(),
            unpacked: Vec::new(),
            room: Vec::new(),
            delta: Columns::default(),
            ledger: context.ledger("cross-references"),
        }
    }

    /// Takes the reference of a new group: its codes, the bytes of its plain block, and where that is kept. Groups come
    /// in order.
    pub(super) fn add(
        &mut self,
        group: u32,
        key: Key,
        codes: &[u8],
        plain: usize,
        kept: &Kept,
    ) -> Result<Stored, Failure> {
        let (references, room, codes_of) = (&self.references, &mut self.room, &mut self.unpacked);
        let append = |group: u32, out: &mut Vec<u8>| {
            let block = references[group as usize - 1].block(room)?;
            unpack(block, codes_of)?;
            out.extend_from_slice(codes_of);
            Ok::<_, Failure>(())
        };
        let candidates = self.directory.candidates(group, key);
        cross::join(candidates, append, &mut self.joined)?;
        let is_difference = cross::encode(
            codes,
            &self.joined,
            plain,
            &mut self.encoder,
            &mut self.delta,
        );
        self.directory.note(group, key);
        self.references.push(kept.clone());
        self.keys.push(key);
        self.differences.push(is_difference);
        let stored = if is_difference {
            self.open.push(&self.delta);
            let full = self.open.len() == self.pack as usize;
            Stored::Difference(full.then(|| self.close()))
        } else {
            Stored::Alone
        };
        self.ledger.set(self.heap_bytes() as u64);
        Ok(stored)
    }

    fn close(&mut self) -> Vec<u8> {
        let mut payload = Vec::new();
        self.open.payload(&[], &mut payload);
        self.open.clear();
        payload
    }

    /// What the end of the archive tells of them.
    pub(super) fn finish(mut self) -> Differences {
        let last = (!self.open.is_empty()).then(|| self.close());
        self.ledger.set(0);
        Differences {
            last,
            flags: self.differences,
            keys: self.keys,
        }
    }

    fn heap_bytes(&self) -> usize {
        self.directory.heap_bytes()
            + self.references.capacity() * size_of::<Kept>()
            + self.keys.capacity() * size_of::<Key>()
            + self.differences.capacity()
            + self.open.heap_bytes()
            + self.encoder.heap_bytes()
            + self.joined.capacity()
            + self.unpacked.capacity()
    }
}
