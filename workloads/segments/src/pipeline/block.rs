//! Blocks on their way to the archive.

use std::io::Write;

use plimsoll_workload::Failure;

use crate::archive::{BlockKind, BlockWriter};
use crate::job::archive_failure;
use crate::ordered::BlockSink;

/// A block, ready to be written.
#[derive(Debug)]
pub struct Block {
    kind: BlockKind,
    group: u32,
    payload_len: usize,
    stored: Vec<u8>,
}

impl Block {
    /// What is stored of a payload of `payload_len` bytes. `group` is that of references and packs, 0 for all else.
    #[must_use]
    pub fn new(kind: BlockKind, group: u32, payload_len: usize, stored: Vec<u8>) -> Self {
        Self {
            kind,
            group,
            payload_len,
            stored,
        }
    }

    /// Writes it.
    ///
    /// # Errors
    /// What is written to fails.
    pub fn write<W: Write>(&self, to: &mut BlockWriter<W>) -> Result<(), Failure> {
        to.block(self.kind, self.group, self.payload_len, &self.stored)
            .map_err(archive_failure)
    }

    /// Bytes on the heap.
    #[must_use]
    pub fn heap_bytes(&self) -> usize {
        self.stored.capacity()
    }
}

impl<W: Write> BlockSink for BlockWriter<W> {
    type Block = Block;
    type Error = Failure;

    fn bytes(block: &Block) -> usize {
        block.heap_bytes()
    }

    fn take(&mut self, block: Block) -> Result<(), Failure> {
        block.write(self)
    }
}
