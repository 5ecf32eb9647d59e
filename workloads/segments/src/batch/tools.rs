//! What all group writers share: the settings, zstd, and the ledger.

use std::sync::{Mutex, PoisonError};

use plimsoll_workload::{Failure, Gauge};

use crate::archive::{BlockKind, OneShot, stream};
use crate::job::{Job, archive_failure};
use crate::params::{Settings, Zstd};
use crate::pipeline::Block;

/// Shared by all threads of the pool.
#[derive(Debug)]
pub(super) struct Tools {
    pub(super) settings: Settings,
    zstd: Compressor,
    pub(super) segments: Gauge,
    pub(super) references: Gauge,
    pub(super) pending: Gauge,
    pub(super) packs: Gauge,
}

/// How a payload is compressed.
#[derive(Debug)]
enum Compressor {
    /// A new encoder for each.
    Stream,
    /// A context for each thread, and a buffer that what is stored is copied from, with no room to spare.
    OneShot(Vec<Mutex<(OneShot, Vec<u8>)>>),
}

impl Tools {
    /// For a pool of `threads`.
    pub(super) fn new(job: &Job<'_>, threads: usize) -> Result<Self, Failure> {
        let zstd = match job.params.zstd {
            Zstd::Stream => Compressor::Stream,
            Zstd::Oneshot => Compressor::OneShot(
                (0..threads)
                    .map(|_| Ok(Mutex::new((OneShot::new()?, Vec::new()))))
                    .collect::<Result<_, _>>()
                    .map_err(archive_failure)?,
            ),
        };
        let ledger = |component| job.context.ledger(component);
        Ok(Self {
            settings: *job.settings,
            zstd,
            segments: ledger("segments"),
            references: ledger("references"),
            pending: ledger("pending"),
            packs: ledger("packs"),
        })
    }

    /// Compresses a payload into its block.
    pub(super) fn block(
        &self,
        kind: BlockKind,
        group: u32,
        payload: &[u8],
    ) -> Result<Block, Failure> {
        let level = match kind {
            BlockKind::Reference => self.settings.ref_level,
            _ => self.settings.level,
        };
        let stored = self.stored(payload, level)?;
        Ok(Block::new(kind, group, payload.len(), stored))
    }

    /// What is stored of a payload.
    pub(super) fn stored(&self, payload: &[u8], level: i32) -> Result<Vec<u8>, Failure> {
        self.zstd.compress(payload, level).map_err(archive_failure)
    }
}

impl Compressor {
    fn compress(&self, payload: &[u8], level: i32) -> std::io::Result<Vec<u8>> {
        let contexts = match self {
            Self::Stream => return stream(payload, level),
            Self::OneShot(contexts) => contexts,
        };
        // Each thread of the pool has its own, so nobody ever waits; outside of the pool there is one thread.
        let own = rayon::current_thread_index().unwrap_or(0);
        let mut own = contexts[own].lock().unwrap_or_else(PoisonError::into_inner);
        let (zstd, stored) = &mut *own;
        zstd.compress(payload, level, stored)?;
        Ok(stored.to_vec())
    }
}
