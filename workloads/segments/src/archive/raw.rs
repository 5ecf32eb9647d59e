//! The raw group's segments, which are stored in the order in which they are needed.

use super::blocks::{Block, Loader};
use super::error::ReadError;
use super::format::BlockKind;
use super::read::Archive;
use crate::damage::Damage;
use crate::plain;
use crate::varint::Cursor;

/// Reads raw packs one after another; holds one.
#[derive(Debug)]
pub(super) struct RawSegments<'a> {
    archive: &'a Archive,
    left: std::slice::Iter<'a, Block>,
    payload: Vec<u8>,
    at: usize,
}

impl<'a> RawSegments<'a> {
    pub(super) fn new(archive: &'a Archive) -> Self {
        Self {
            archive,
            left: archive.blocks().iter(),
            payload: Vec::new(),
            at: 0,
        }
    }

    /// Puts the next segment, of `length` codes, in the place of what `codes` held.
    pub(super) fn read_next(
        &mut self,
        length: usize,
        loader: &mut Loader<'_>,
        codes: &mut Vec<u8>,
    ) -> Result<(), ReadError> {
        if self.at == self.payload.len() {
            let block = self.next_pack().ok_or_else(|| {
                self.archive
                    .damaged(Damage::new("it has fewer raw segments than its records"))
            })?;
            loader.load(block, &mut self.payload)?;
            self.at = 0;
        }
        let mut cursor = Cursor::new(&self.payload[self.at..]);
        plain::read(&mut cursor, length, codes)
            .map_err(|damage| self.archive.damaged(damage.within("a raw segment")))?;
        self.at = self.payload.len() - cursor.rest().len();
        Ok(())
    }

    /// Whether all of them were read.
    pub(super) fn check_end(&mut self) -> Result<(), ReadError> {
        if self.at == self.payload.len() && self.next_pack().is_none() {
            return Ok(());
        }
        let damage = Damage::new("it has more raw segments than its records");
        Err(self.archive.damaged(damage))
    }

    fn next_pack(&mut self) -> Option<&'a Block> {
        self.left.find(|block| block.kind == BlockKind::RawPack)
    }
}
