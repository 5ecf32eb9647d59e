//! Blocks on their way to the archive.

use std::io::Write;

use plimsoll_workload::Failure;

use crate::archive::{BlockKind, BlockWriter, OneShot};
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

    /// Compresses a payload. `group` is that of references and packs, 0 for all else.
    ///
    /// # Errors
    /// There is no memory for zstd at this level.
    pub fn compress(
        zstd: &mut OneShot,
        kind: BlockKind,
        group: u32,
        payload: &[u8],
        level: i32,
    ) -> Result<Self, Failure> {
        let mut stored = Vec::new();
        zstd.compress(payload, level, &mut stored)
            .map_err(|error| Failure::Other(format!("compressing a block: {error}")))?;
        // The room that compressing takes is several times what is kept, and many blocks may wait.
        stored.shrink_to_fit();
        Ok(Self::new(kind, group, payload.len(), stored))
    }

    /// Writes it.
    ///
    /// # Errors
    /// What is written to fails.
    pub fn write<W: Write>(&self, to: &mut BlockWriter<W>) -> Result<(), Failure> {
        to.block(self.kind, self.group, self.payload_len, &self.stored)
            .map_err(|error| Failure::Other(error.to_string()))
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
