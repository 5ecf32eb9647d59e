//! A block on its way to the archive.

use std::io::{self, Write};

use plimsoll_workload::Failure;

use crate::archive::{BlockKind, BlockWriter};
use crate::job::archive_failure;
use crate::ordered::BlockSink;

/// What is stored of one payload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// What it holds.
    pub kind: BlockKind,
    /// Whose reference or pack it is; 0 for all else.
    pub group: u32,
    /// Bytes of the payload.
    pub payload: usize,
    /// The payload, compressed where that is smaller.
    pub stored: Vec<u8>,
}

impl Block {
    /// Bytes on the heap.
    #[must_use]
    pub fn heap_bytes(&self) -> usize {
        self.stored.capacity()
    }
}

impl<W: Write> BlockWriter<W> {
    /// Writes a block.
    ///
    /// # Errors
    /// What is written to fails.
    pub fn put(&mut self, block: &Block) -> io::Result<()> {
        self.block(block.kind, block.group, block.payload, &block.stored)
    }
}

impl<W: Write> BlockSink for BlockWriter<W> {
    type Block = Block;
    type Error = Failure;

    fn bytes(block: &Block) -> usize {
        size_of::<Block>() + block.heap_bytes()
    }

    fn take(&mut self, block: Block) -> Result<(), Failure> {
        self.put(&block).map_err(archive_failure)
    }
}
