//! Decompressed packs: as many as fit in a fixed number of bytes.

use super::blocks::Loader;
use super::error::ReadError;
use super::format::BlockKind;
use super::read::Archive;
use crate::damage::Damage;

/// Payloads of packs that were read, so that they need not be decompressed again for the next haplotype.
///
/// Each haplotype visits nearly every group once, in nearly the same order. Where not all packs fit, the one that was
/// not used for longest is then the very next to be used; so any one makes room instead, and as many hit as fit.
#[derive(Debug)]
pub(super) struct Packs<'a> {
    archive: &'a Archive,
    /// Places in the archive's blocks, by group and then in file order.
    blocks: Vec<u32>,
    /// Per group, where its packs begin in `blocks`.
    first: Vec<u32>,
    /// Per pack, its place in `held` plus one.
    places: Vec<u32>,
    held: Vec<(u32, Vec<u8>)>,
    bytes: usize,
    most: usize,
    random: u64,
}

impl<'a> Packs<'a> {
    /// Nothing is held yet; at most `most` bytes will be, or one pack.
    pub(super) fn new(archive: &'a Archive, most: usize) -> Result<Self, ReadError> {
        let damaged = |what| archive.damaged(Damage::new(what));
        let all = archive.blocks();
        let mut blocks: Vec<u32> = (0_u32..)
            .zip(all)
            .filter(|(_, block)| block.kind == BlockKind::Pack)
            .map(|(place, _)| place)
            .collect();
        let group = |place: &u32| all[*place as usize].group as usize;
        blocks.sort_by_key(group);
        let mut first = vec![0; 1];
        let mut at = 0_usize;
        let catalog = archive.catalog();
        for of in 1..=catalog.groups() {
            first.push(at as u32);
            let packs = blocks[at..].iter().take_while(|place| group(place) == of);
            let count = packs.count();
            if count != catalog.packs(of) as usize {
                return Err(damaged(format!(
                    "group {of} has {count} packs, where {} belong",
                    catalog.packs(of)
                )));
            }
            at += count;
        }
        if at < blocks.len() {
            return Err(damaged(
                "a pack is of a group that does not exist".to_owned(),
            ));
        }
        Ok(Self {
            archive,
            places: vec![0; blocks.len()],
            blocks,
            first,
            held: Vec::new(),
            bytes: 0,
            most,
            random: 1,
        })
    }

    /// The payload of a pack of a group. The group has such a pack.
    pub(super) fn payload(
        &mut self,
        group: u32,
        pack: u32,
        loader: &mut Loader<'_>,
    ) -> Result<&[u8], ReadError> {
        let pack = self.first[group as usize] + pack;
        let place = match self.places[pack as usize].checked_sub(1) {
            Some(place) => place as usize,
            None => {
                let block = &self.archive.blocks()[self.blocks[pack as usize] as usize];
                let mut payload = Vec::new();
                loader.load(block, &mut payload)?;
                self.make_room(payload.capacity());
                self.bytes += payload.capacity();
                self.held.push((pack, payload));
                self.places[pack as usize] = self.held.len() as u32;
                self.held.len() - 1
            }
        };
        Ok(&self.held[place].1)
    }

    fn make_room(&mut self, bytes: usize) {
        while !self.held.is_empty() && self.bytes + bytes > self.most {
            self.random = self
                .random
                .wrapping_mul(0x5851_F42D_4C95_7F2D)
                .wrapping_add(1);
            let place = (self.random >> 33) as usize % self.held.len();
            let (pack, payload) = self.held.swap_remove(place);
            self.places[pack as usize] = 0;
            if let Some((moved, _)) = self.held.get(place) {
                self.places[*moved as usize] = place as u32 + 1;
            }
            self.bytes -= payload.capacity();
        }
    }
}
