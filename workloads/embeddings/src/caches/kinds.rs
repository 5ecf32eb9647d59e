//! Those who read: through a cache, or through a handle of each key.

use std::sync::Arc;
use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering::Relaxed;

use plimsoll_workload::Failure;
use xxhash_rust::xxh3::Xxh3;

use super::reader::Reader;
use super::values::{Shared, Source, dry};
use crate::cache::{Cache, Policy};
use crate::data::Access;
use crate::lazy::{Handle, LoadError, Loader};

/// Reads through a cache.
pub(super) struct Cached<V: Clone, P, S> {
    pub(super) cache: Cache<V, P>,
    pub(super) source: S,
    /// How often each key has got another value; empty where none does.
    pub(super) versions: Vec<AtomicU32>,
}

impl<V: Shared, P: Policy<V>, S: Source<V>> Cached<V, P, S> {
    fn version(&self, key: u32) -> u32 {
        let version = self.versions.get(key as usize);
        version.map_or(0, |version| version.load(Relaxed))
    }
}

impl<V: Shared, P: Policy<V>, S: Source<V>> Reader for Cached<V, P, S> {
    fn read(&self, access: Access, to: &mut Xxh3) -> Result<bool, Failure> {
        if let (true, Some(version)) = (access.write, self.versions.get(access.key as usize)) {
            let version = version.fetch_add(1, Relaxed) + 1;
            let value = self.source.make(access.key, version).map_err(dry)?;
            self.cache.insert(access.key, value);
        }
        let mut hit = true;
        let value = self.cache.get_or_load(access.key, || {
            hit = false;
            self.source.make(access.key, self.version(access.key))
        });
        to.update(&value.map_err(dry)?);
        Ok(hit)
    }

    fn used(&self) -> u64 {
        self.cache.policy().used()
    }
}

/// Reads through handles, which keep what they have loaded.
pub(super) struct Lazily {
    pub(super) handles: Vec<Handle>,
}

impl Lazily {
    pub(super) fn new(universe: u32, loader: &Arc<dyn Loader>) -> Self {
        let handle = |key| Handle::of_record(key, Arc::clone(loader));
        Self {
            handles: (0..universe).map(handle).collect(),
        }
    }
}

/// The failure of a handle.
pub(super) fn not_loaded(error: LoadError) -> Failure {
    Failure::Other(error.to_string())
}

impl Reader for Lazily {
    fn read(&self, access: Access, to: &mut Xxh3) -> Result<bool, Failure> {
        let handle = &self.handles[access.key as usize];
        let hit = handle.is_loaded();
        to.update(&handle.get().map_err(not_loaded)?);
        Ok(hit)
    }

    /// Nothing is taken off a budget here; what handles hold is added up at the end.
    fn used(&self) -> u64 {
        0
    }
}
