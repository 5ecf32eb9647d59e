//! The references of all groups, held at two bits a base.

use super::blocks::Loader;
use super::error::ReadError;
use super::format::BlockKind;
use super::read::Archive;
use super::rebuild::Rebuild;
use crate::damage::Damage;
use crate::plain;
use crate::varint::Cursor;

/// The references of all groups as plain blocks: about a quarter of a byte a base.
#[derive(Debug)]
pub(super) struct References {
    blocks: Vec<Box<[u8]>>,
}

impl References {
    /// Reads all references, in order of group.
    pub(super) fn load(archive: &Archive, loader: &mut Loader<'_>) -> Result<Self, ReadError> {
        let mut stored = archive
            .blocks()
            .iter()
            .filter(|block| block.kind == BlockKind::Reference);
        let mut rebuild = archive
            .catalog()
            .differences()
            .map(|differences| Rebuild::new(archive, differences));
        let mut references = Self { blocks: Vec::new() };
        for group in 1..=archive.catalog().groups() {
            let rebuilt = match &mut rebuild {
                Some(rebuild) => rebuild.next(&references, loader)?,
                None => None,
            };
            let payload = match rebuilt {
                Some(payload) => payload,
                None => {
                    let block = stored
                        .next()
                        .filter(|block| block.group as usize == group)
                        .ok_or_else(|| {
                            archive.damaged(Damage::new(format!("group {group} has no reference")))
                        })?;
                    let mut payload = Vec::new();
                    loader.load(block, &mut payload)?;
                    payload
                }
            };
            references.blocks.push(payload.into_boxed_slice());
        }
        if stored.next().is_some() {
            return Err(archive.damaged(Damage::new("a group has two references")));
        }
        if let Some(mut rebuild) = rebuild {
            rebuild.check_end()?;
        }
        Ok(references)
    }

    /// How many references are held.
    pub(super) fn len(&self) -> usize {
        self.blocks.len()
    }

    /// Codes of a group's reference.
    pub(super) fn length(&self, group: u32) -> Result<u64, Damage> {
        plain::length(self.block(group)?).map(|length| length as u64)
    }

    /// Puts the codes of a group's reference in the place of what `codes` held.
    pub(super) fn unpack(&self, group: u32, codes: &mut Vec<u8>) -> Result<(), Damage> {
        let mut cursor = Cursor::new(self.block(group)?);
        plain::read(&mut cursor, usize::MAX, codes)?;
        if cursor.is_empty() {
            return Ok(());
        }
        Err(Damage::new("a reference goes on after its end"))
    }

    fn block(&self, group: u32) -> Result<&[u8], Damage> {
        (group as usize)
            .checked_sub(1)
            .and_then(|place| self.blocks.get(place))
            .map(|block| &**block)
            .ok_or_else(|| Damage::new(format!("group {group} does not exist")))
    }
}
