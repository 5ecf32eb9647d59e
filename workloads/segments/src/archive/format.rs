//! The layout of an archive: header, blocks, trailer.
//!
//! ```text
//! archive  magic (8 bytes)  u32 k  u32 segment size  u32 min match  u32 pack  block*  trailer
//! block    u8 kind  varint group  varint payload size  varint stored size  stored bytes
//! trailer  u64 offset of the meta block  u64 XXH3-64 of all bytes before this number  "SEGWEND1"
//! ```
//!
//! Fixed-size integers are little-endian; varints are LEB128. The stored bytes are a zstd frame of the payload where
//! that is smaller than the payload, otherwise the payload itself; equal sizes tell. The last block is the meta block.
//!
//! Payloads: a reference block is one plain block ([`crate::plain`]); a pack is described in [`crate::pack`]; a raw
//! pack is plain blocks, one after another; for the meta block see [`MetaBuilder`](super::MetaBuilder).
//!
//! # References against references
//!
//! An archive whose magic is `SEGX0001` stores a reference as its difference from earlier references, where that is
//! much smaller. It has one more kind of block, the *cross pack*: a pack of such differences (group 0), `pack` of
//! them in each but the last. They stand in the order of their groups' numbers over the whole archive. A full cross
//! pack is written where the reference that fills it would have been; the last one after all open packs, right before
//! the meta block. A group whose reference is a difference has no reference block. At the end of the meta payload
//! follow:
//!
//! 1. one bit a group, group `g` in bit `(g - 1) % 8` of byte `(g - 1) / 8`, padded with 0: the reference is a
//!    difference; the n-th group with a set bit has the n-th difference;
//! 2. per group with a set bit, varint length of its reference;
//! 3. two columns with one varint a group: which splitters its key has. The values of splitters do not matter to the
//!    reader, only which are equal. So they are numbered 1, 2, ... as they first appear in the keys in order of group
//!    (first value before second), and 0 is no splitter. The first column holds the zigzag of a key's first number
//!    minus that of the group before it (at first minus 0), the second the zigzag of its second minus its first.
//!    Neighbours in a contig have neighbouring numbers, so nearly all items take one byte.

use crate::params::Settings;

/// Bytes before the first block.
pub const HEADER_BYTES: usize = 8 + 4 * 4;

/// Bytes after the last block.
pub const TRAILER_BYTES: usize = 8 + 8 + 8;

/// Last bytes of every archive.
pub const END_MAGIC: [u8; 8] = *b"SEGWEND1";

/// Most bytes of a block's kind, group and sizes.
pub const BLOCK_HEADER_BYTES: usize = 1 + 5 + 10 + 10;

/// The two kinds of archive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Every reference is stored by itself.
    Plain,
    /// References are stored as differences from earlier references where that is smaller.
    CrossReferenced,
}

impl Format {
    /// The first bytes of the archive.
    #[must_use]
    pub fn magic(self) -> [u8; 8] {
        match self {
            Self::Plain => *b"SEGW0001",
            Self::CrossReferenced => *b"SEGX0001",
        }
    }

    /// The format that begins with `magic`.
    #[must_use]
    pub fn of(magic: [u8; 8]) -> Option<Self> {
        [Self::Plain, Self::CrossReferenced]
            .into_iter()
            .find(|format| format.magic() == magic)
    }

    /// The header of an archive with these settings.
    #[must_use]
    pub fn header(self, settings: &Settings) -> [u8; HEADER_BYTES] {
        let mut header = [0; HEADER_BYTES];
        header[..8].copy_from_slice(&self.magic());
        let fields = [
            settings.k,
            settings.segment_size,
            settings.min_match,
            settings.pack,
        ];
        for (bytes, field) in header[8..].chunks_exact_mut(4).zip(fields) {
            bytes.copy_from_slice(&field.to_le_bytes());
        }
        header
    }
}

/// What a block holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum BlockKind {
    /// The reference of a group.
    Reference = 0,
    /// Deltas of a group.
    Pack = 1,
    /// Segments without splitters.
    RawPack = 2,
    /// Samples, records, and where their segments are.
    Meta = 3,
    /// References as differences from earlier references.
    CrossPack = 4,
}

impl BlockKind {
    /// The kind with this number.
    #[must_use]
    pub fn of(number: u8) -> Option<Self> {
        use BlockKind::{CrossPack, Meta, Pack, RawPack, Reference};
        [Reference, Pack, RawPack, Meta, CrossPack]
            .into_iter()
            .find(|kind| *kind as u8 == number)
    }
}
