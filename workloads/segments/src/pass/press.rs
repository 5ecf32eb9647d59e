//! A worker's zstd: payloads become blocks.

use plimsoll_workload::Failure;

use super::group::Payload;
use crate::archive::{BlockKind, OneShot};
use crate::job::archive_failure;
use crate::params::Settings;
use crate::pipeline::Block;

/// One context for all blocks of a worker.
#[derive(Debug)]
pub(crate) struct Press {
    zstd: OneShot,
    /// Room for the worst case, from which what is stored is copied.
    room: Vec<u8>,
    settings: Settings,
}

impl Press {
    pub(crate) fn new(settings: Settings) -> Result<Self, Failure> {
        Ok(Self {
            zstd: OneShot::new().map_err(archive_failure)?,
            room: Vec::new(),
            settings,
        })
    }

    /// What is stored of the meta payload.
    pub(crate) fn meta(&mut self, payload: &[u8]) -> Result<Vec<u8>, Failure> {
        self.zstd
            .compress(payload, self.settings.level, &mut self.room)
            .map_err(archive_failure)?;
        Ok(self.room.to_vec())
    }

    /// Compresses a payload. `group` is that of references and packs, 0 for all else.
    pub(crate) fn block(
        &mut self,
        kind: BlockKind,
        group: u32,
        payload: &[u8],
    ) -> Result<Block, Failure> {
        let level = match kind {
            BlockKind::Reference => self.settings.ref_level,
            _ => self.settings.level,
        };
        self.zstd
            .compress(payload, level, &mut self.room)
            .map_err(archive_failure)?;
        let stored = self.room.to_vec();
        Ok(Block::new(kind, group, payload.len(), stored))
    }

    /// Compresses what closed, if anything did, and adds it to `blocks`.
    pub(crate) fn add(
        &mut self,
        group: u32,
        closed: Option<Payload>,
        blocks: &mut Vec<Block>,
    ) -> Result<(), Failure> {
        if let Some((kind, payload)) = closed {
            blocks.push(self.block(kind, group, &payload)?);
        }
        Ok(())
    }
}
