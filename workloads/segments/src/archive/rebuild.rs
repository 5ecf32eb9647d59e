//! References that are stored as differences from earlier references.

use super::blocks::{Block, Loader};
use super::error::ReadError;
use super::format::BlockKind;
use super::meta::Differences;
use super::read::Archive;
use super::references::References;
use crate::cross::{self, Directory};
use crate::damage::Damage;
use crate::delta;
use crate::pack::PackView;
use crate::plain;

/// Rebuilds references in order of group, from those before them; holds one cross pack.
#[derive(Debug)]
pub(super) struct Rebuild<'a> {
    archive: &'a Archive,
    differences: &'a Differences,
    directory: Directory,
    packs: std::slice::Iter<'a, Block>,
    payload: Vec<u8>,
    /// Differences taken so far, and how many there are.
    taken: usize,
    total: usize,
    reference: Vec<u8>,
    joined: Vec<u8>,
    codes: Vec<u8>,
}

impl<'a> Rebuild<'a> {
    pub(super) fn new(archive: &'a Archive, differences: &'a Differences) -> Self {
        Self {
            archive,
            differences,
            directory: Directory::default(),
            packs: archive.blocks().iter(),
            payload: Vec::new(),
            taken: 0,
            total: differences.lengths.iter().flatten().count(),
            reference: Vec::new(),
            joined: Vec::new(),
            codes: Vec::new(),
        }
    }

    /// The next group's reference as a plain block, given all before it; nothing if it is stored by itself.
    pub(super) fn next(
        &mut self,
        before: &References,
        loader: &mut Loader<'_>,
    ) -> Result<Option<Vec<u8>>, ReadError> {
        let place = before.len();
        let (group, key) = (place as u32 + 1, self.differences.keys[place]);
        let block = match self.differences.lengths[place] {
            None => None,
            Some(length) => {
                let candidates = self.directory.candidates(group, key);
                let append = |group: u32, joined: &mut Vec<u8>| {
                    before.unpack(group, &mut self.reference)?;
                    joined.extend_from_slice(&self.reference);
                    Ok(())
                };
                let within =
                    |damage: Damage| damage.within(format_args!("the reference of group {group}"));
                cross::join(candidates, append, &mut self.joined)
                    .map_err(|damage| self.archive.damaged(within(damage)))?;
                self.read_next(loader)?;
                self.decode(length)
                    .map_err(|damage| self.archive.damaged(within(damage)))?;
                let mut block = Vec::new();
                plain::write(&self.codes, &mut block);
                Some(block)
            }
        };
        self.directory.note(group, key);
        Ok(block)
    }

    /// Whether all cross packs were read.
    pub(super) fn check_end(&mut self) -> Result<(), ReadError> {
        match self.next_pack() {
            None => Ok(()),
            Some(_) => Err(self
                .archive
                .damaged(Damage::new("it has more cross packs than its references"))),
        }
    }

    /// Goes to the cross pack of the next difference.
    fn read_next(&mut self, loader: &mut Loader<'_>) -> Result<(), ReadError> {
        if !self.taken.is_multiple_of(self.archive.pack()) {
            return Ok(());
        }
        let block = self.next_pack().ok_or_else(|| {
            self.archive
                .damaged(Damage::new("it has fewer cross packs than its references"))
        })?;
        loader.load(block, &mut self.payload)
    }

    /// Makes the codes of the next difference.
    fn decode(&mut self, length: u64) -> Result<(), Damage> {
        let length = usize::try_from(length)
            .map_err(|_| Damage::new("its length is beyond this machine's sizes"))?;
        let pack = self.archive.pack();
        let (start, place) = (self.taken - self.taken % pack, self.taken % pack);
        let view = PackView::new(&self.payload, (self.total - start).min(pack))?;
        let (lens, pos, lits) = view
            .delta(place)
            .ok_or_else(|| Damage::new("its pack is too short"))?;
        self.taken += 1;
        delta::decode(lens, pos, lits, &self.joined, length, &mut self.codes)
    }

    fn next_pack(&mut self) -> Option<&'a Block> {
        self.packs.find(|block| block.kind == BlockKind::CrossPack)
    }
}
