//! zstd for several workers: payloads become blocks.

use std::sync::{Arc, Mutex, PoisonError};

use plimsoll_workload::Failure;

use super::group::Payload;
use crate::archive::{BlockKind, OneShot};
use crate::job::archive_failure;
use crate::params::Settings;
use crate::pipeline::Block;

/// The largest payload that a worker compresses in a context of its own. A context keeps what its largest payload
/// needed, and zstd's tables for high levels grow with the payload: half a mebibyte up to this size, many times that
/// beyond. Few payloads are larger, so all workers share one context for those.
const LARGEST_OWN: usize = 16 << 10;

/// The largest payload of the shared context. Beyond are whole packs of unlike segments, some dozens in an archive of
/// gigabases: each gets a context that is freed with it.
const LARGEST_SHARED: usize = 128 << 10;

/// Makes a press for each worker.
#[derive(Debug, Clone)]
pub(crate) struct Presses {
    settings: Settings,
    large: Arc<Mutex<Context>>,
}

/// A worker's press.
#[derive(Debug)]
pub(crate) struct Press {
    settings: Settings,
    own: Context,
    large: Arc<Mutex<Context>>,
}

/// A context, and room for the worst case, from which what is stored is copied.
#[derive(Debug)]
struct Context {
    zstd: OneShot,
    room: Vec<u8>,
}

impl Context {
    fn new() -> Result<Self, Failure> {
        Ok(Self {
            zstd: OneShot::new().map_err(archive_failure)?,
            room: Vec::new(),
        })
    }

    fn stored(&mut self, payload: &[u8], level: i32) -> Result<Vec<u8>, Failure> {
        self.zstd
            .compress(payload, level, &mut self.room)
            .map_err(archive_failure)?;
        Ok(self.room.to_vec())
    }
}

impl Presses {
    pub(crate) fn new(settings: Settings) -> Result<Self, Failure> {
        Ok(Self {
            settings,
            large: Arc::new(Mutex::new(Context::new()?)),
        })
    }

    pub(crate) fn press(&self) -> Result<Press, Failure> {
        Ok(Press {
            settings: self.settings,
            own: Context::new()?,
            large: Arc::clone(&self.large),
        })
    }
}

impl Press {
    /// What is stored of a payload.
    pub(crate) fn stored(&mut self, kind: BlockKind, payload: &[u8]) -> Result<Vec<u8>, Failure> {
        let level = match kind {
            BlockKind::Reference => self.settings.ref_level,
            _ => self.settings.level,
        };
        if payload.len() <= LARGEST_OWN {
            return self.own.stored(payload, level);
        }
        // A context that was left by a panic begins anew with the next payload.
        let mut large = self.large.lock().unwrap_or_else(PoisonError::into_inner);
        if payload.len() > LARGEST_SHARED {
            // One at a time, as of the shared one: several would add up.
            return Context::new()?.stored(payload, level);
        }
        large.stored(payload, level)
    }

    /// Compresses a payload. `group` is that of references and packs, 0 for all else.
    pub(crate) fn block(
        &mut self,
        kind: BlockKind,
        group: u32,
        payload: &[u8],
    ) -> Result<Block, Failure> {
        let stored = self.stored(kind, payload)?;
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
