//! A pack as it waits to be written, with what it tells of its segments.

use super::prepared::PreparedSegment;
use crate::pipeline::Block;

/// Where a block stands in the archive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Order {
    /// Where the segment of this ordinal made or closed it.
    Input(usize),
    /// At the end, among the packs that stayed open, by group.
    End(u32),
}

/// A reference or a pack, compressed.
#[derive(Debug)]
pub(super) struct CompressedPack {
    pub(super) order: Order,
    pub(super) block: Block,
    pub(super) segments: Vec<Description>,
}

/// Where a segment is stored.
#[derive(Debug)]
pub(super) struct Description {
    pub(super) sample: Vec<u8>,
    pub(super) header: Vec<u8>,
    pub(super) ordinal: usize,
    /// Codes.
    pub(super) length: usize,
    pub(super) part: u32,
    pub(super) group: u32,
    pub(super) member: u32,
    pub(super) turned: bool,
}

impl Description {
    /// Describes a segment; its names are cloned again.
    pub(super) fn new(segment: &PreparedSegment, group: u32, member: u32) -> Self {
        Self {
            sample: segment.sample.clone(),
            header: segment.header.clone(),
            ordinal: segment.ordinal,
            length: segment.data.len(),
            part: segment.part,
            group,
            member,
            turned: segment.turned,
        }
    }

    fn bytes(&self) -> usize {
        size_of::<Self>() + self.sample.capacity() + self.header.capacity()
    }
}

impl CompressedPack {
    /// Bytes that it takes.
    pub(super) fn bytes(&self) -> u64 {
        let described: usize = self.segments.iter().map(Description::bytes).sum();
        (size_of::<Self>() + self.block.heap_bytes() + described) as u64
    }
}
