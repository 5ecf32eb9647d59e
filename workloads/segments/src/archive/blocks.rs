//! An archive's blocks: where they are, and their payloads.

use super::error::ReadError;
use super::format::{BLOCK_HEADER_BYTES, BlockKind, Format, HEADER_BYTES};
use super::frame::{Inflate, reserve};
use super::source::Source;
use crate::damage::Damage;
use crate::varint::Cursor;

/// Where a block is. Its stored bytes are known to lie in the file; the size of its payload is a claim.
#[derive(Debug, Clone, Copy)]
pub(super) struct Block {
    pub(super) kind: BlockKind,
    pub(super) group: u32,
    payload: usize,
    stored: usize,
    /// Of the stored bytes.
    offset: u64,
}

/// Finds all blocks, which end at `end`. The last, and no other, must be the meta block, at the offset `meta`.
pub(super) fn scan(
    source: &Source,
    format: Format,
    end: u64,
    meta: u64,
) -> Result<Vec<Block>, ReadError> {
    let mut blocks = Vec::new();
    let mut at = HEADER_BYTES as u64;
    while at < end {
        let within =
            |damage: Damage| source.damaged(damage.within(format_args!("the block at byte {at}")));
        let mut bytes = [0; BLOCK_HEADER_BYTES];
        let bytes = &mut bytes[..(end - at).min(BLOCK_HEADER_BYTES as u64) as usize];
        source.read(bytes, at)?;
        let block = Block::read(bytes, at).map_err(within)?;
        let next = block
            .offset
            .checked_add(block.stored as u64)
            .filter(|next| *next <= end)
            .ok_or_else(|| within(Damage::new("it reaches past the last block")))?;
        let is_meta = block.kind == BlockKind::Meta;
        if is_meta != (next == end) || is_meta != (at == meta) {
            let damage = Damage::new("the meta block is not where it should be");
            return Err(within(damage));
        }
        if block.kind == BlockKind::CrossPack && format == Format::Plain {
            return Err(within(Damage::new("a cross pack does not belong here")));
        }
        at = next;
        blocks.push(block);
    }
    Ok(blocks)
}

impl Block {
    /// Reads the header of the block at byte `at`.
    fn read(bytes: &[u8], at: u64) -> Result<Self, Damage> {
        let mut cursor = Cursor::new(bytes);
        let number = cursor.byte()?;
        let kind = BlockKind::of(number)
            .ok_or_else(|| Damage::new(format!("its kind is {number}, which is none")))?;
        let group = u32::try_from(cursor.varint()?)
            .map_err(|_| Damage::new("its group's number is out of range"))?;
        let (payload, stored) = (cursor.size()?, cursor.size()?);
        if stored > payload {
            return Err(Damage::new("more is stored than its payload takes"));
        }
        let of_group = matches!(kind, BlockKind::Reference | BlockKind::Pack);
        if of_group != (group > 0) {
            return Err(Damage::new(format!("it is of group {group}")));
        }
        let header = bytes.len() - cursor.rest().len();
        Ok(Self {
            kind,
            group,
            payload,
            stored,
            offset: at + header as u64,
        })
    }
}

/// Reads payloads, with memory that is used again.
#[derive(Debug)]
pub(super) struct Loader<'a> {
    source: &'a Source,
    inflate: Inflate,
    stored: Vec<u8>,
}

impl<'a> Loader<'a> {
    pub(super) fn new(source: &'a Source) -> Result<Self, ReadError> {
        Ok(Self {
            source,
            inflate: Inflate::new().map_err(|error| source.io(error))?,
            stored: Vec::new(),
        })
    }

    /// Puts the payload of a block in the place of what `payload` held.
    pub(super) fn load(&mut self, block: &Block, payload: &mut Vec<u8>) -> Result<(), ReadError> {
        let source = self.source;
        let within = |damage: Damage| {
            let part = format_args!("the block whose payload begins at byte {}", block.offset);
            source.damaged(damage.within(part))
        };
        let as_it_is = block.stored == block.payload;
        let buffer = if as_it_is {
            &mut *payload
        } else {
            &mut self.stored
        };
        buffer.clear();
        reserve(buffer, block.stored).map_err(within)?;
        buffer.resize(block.stored, 0);
        source.read(buffer, block.offset)?;
        if as_it_is {
            return Ok(());
        }
        self.inflate
            .inflate(&self.stored, block.payload, payload)
            .map_err(within)
    }
}
