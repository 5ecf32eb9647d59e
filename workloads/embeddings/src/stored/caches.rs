//! What stands before the records.

use std::sync::Arc;

use plimsoll_workload::Failure;

use super::kind::Caching;
use super::records::Source;
use crate::cache::{Cache, CacheStats, Lru, Weighted};
use crate::lazy::{LoadError, Loader, RecordLoader};
use crate::params::Params;
use crate::pool::{Pool, PoolOptions, SharedChunk};

/// A cache, or none.
pub(super) enum Front {
    Nothing,
    Recent(Cache<Arc<[u8]>, Lru<Arc<[u8]>>>),
    Hot(Hot),
}

/// Vectors in chunks of a pool.
pub(super) struct Hot {
    cache: Cache<SharedChunk, Weighted<SharedChunk>>,
    pool: Pool,
    loader: Arc<RecordLoader<Source>>,
    /// Chunks that are taken and given back with each load, besides its own.
    more_chunks: u32,
}

impl Hot {
    fn load(&self, key: u32) -> Result<SharedChunk, LoadError> {
        for _ in 0..self.more_chunks {
            drop(self.pool.try_alloc()?.share());
        }
        self.loader.load(key)
    }
}

impl Front {
    pub(super) fn new(caching: Caching, params: &Params, source: &Source) -> Result<Self, Failure> {
        let budget = params.cache.0;
        Ok(match caching {
            Caching::Nothing => Self::Nothing,
            Caching::Recent => Self::Recent(Cache::new(Lru::new(budget))),
            Caching::Hot => {
                let failed = |error: &dyn std::error::Error| Failure::Other(error.to_string());
                let pool = Pool::new(PoolOptions::of(size_of::<f32>() * params.dim));
                let pool = pool.map_err(|error| failed(&error))?;
                let loader = RecordLoader::new(source.clone(), pool.clone());
                Self::Hot(Hot {
                    cache: Cache::new(Weighted::new(budget, pool.chunk_size())),
                    pool,
                    loader: Arc::new(loader.map_err(|error| failed(&error))?),
                    more_chunks: 0,
                })
            }
        })
    }

    /// Writes the vector of a record to `row`.
    pub(super) fn read(
        &self,
        source: &Source,
        record: usize,
        row: &mut [f32],
    ) -> Result<(), Failure> {
        // A store with ids has at most 2^32 records.
        let key = record as u32;
        match self {
            Self::Nothing => source.row(record, row)?,
            Self::Recent(cache) => {
                let mut loaded = false;
                let value = cache.get_or_load(key, || {
                    loaded = true;
                    source.row(record, row)?;
                    Ok::<_, Failure>(bytemuck::cast_slice(row).into())
                })?;
                if !loaded {
                    bytemuck::cast_slice_mut(row).copy_from_slice(&value);
                }
            }
            Self::Hot(hot) => {
                let value = hot.cache.get_or_load(key, || hot.load(key));
                let value = value.map_err(|error| Failure::Other(error.to_string()))?;
                bytemuck::cast_slice_mut(row).copy_from_slice(&value);
            }
        }
        Ok(())
    }

    /// What loads for lazy handles.
    pub(super) fn loader(&self) -> Option<Arc<dyn Loader>> {
        match self {
            Self::Nothing | Self::Recent(_) => None,
            Self::Hot(hot) => Some(Arc::clone(&hot.loader) as Arc<dyn Loader>),
        }
    }

    /// Has so many more chunks taken and given back with each load; false where there is no pool.
    pub(super) fn take_more_chunks(&mut self, more: u32) -> bool {
        match self {
            Self::Nothing | Self::Recent(_) => false,
            Self::Hot(hot) => {
                hot.more_chunks = more;
                true
            }
        }
    }

    pub(super) fn stats(&self) -> Option<CacheStats> {
        match self {
            Self::Nothing => None,
            Self::Recent(cache) => Some(cache.stats()),
            Self::Hot(hot) => Some(hot.cache.stats()),
        }
    }

    /// Bytes that its values and tables take on the heap, and those that the pool has mapped.
    pub(super) fn bytes(&self) -> (u64, u64) {
        let used = self.stats().map_or(0, |stats| stats.used);
        match self {
            Self::Nothing | Self::Recent(_) => (used, 0),
            Self::Hot(hot) => {
                let pool = hot.pool.stats();
                // Values are the pool's; what is beyond them is the tables'.
                let values = (pool.live * hot.pool.chunk_size()) as u64;
                (used.saturating_sub(values), pool.mapped + pool.bookkeeping)
            }
        }
    }
}
