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
        Ok(Self {
            kind,
            group,
            payload_len: payload.len(),
            stored,
        })
    }
}

impl<W: Write> BlockSink for BlockWriter<W> {
    type Block = Block;
    type Error = Failure;

    fn bytes(block: &Block) -> usize {
        block.stored.capacity()
    }

    fn take(&mut self, block: Block) -> Result<(), Failure> {
        self.block(block.kind, block.group, block.payload_len, &block.stored)
            .map_err(|error| Failure::Other(error.to_string()))
    }
}
