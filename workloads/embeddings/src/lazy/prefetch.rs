//! Batches of vectors, fetched into a cache before they are asked for.

use rayon::prelude::*;

use crate::cache::{Cache, Policy};
use crate::lazy::LoadError;
use crate::lazy::handle::Loader;
use crate::lazy::ranges::merged;
use crate::lazy::records::{RecordLoader, Records};
use crate::pool::SharedChunk;

/// What became of one of a batch.
#[derive(Debug)]
pub enum Outcome {
    /// It was there.
    Resident,
    /// It was loaded, and the cache has taken it in.
    Admitted,
    /// It was loaded, and the cache has not.
    NotAdmitted,
    /// It was not loaded: those before it in the file have filled the cache.
    NoRoom,
    /// It could not be loaded.
    Failed(LoadError),
}

/// Fetches batches of vectors into a cache, in the order of the file, a bounded number of bytes at a time.
#[derive(Debug, Clone, Copy)]
pub struct Prefetch {
    /// Most bytes of the file that are read at a time, at least one record.
    pub at_a_time: u64,
}

impl Default for Prefetch {
    /// 8 MiB at a time.
    fn default() -> Self {
        Self { at_a_time: 8 << 20 }
    }
}

impl Prefetch {
    /// Fetches the vectors of these indexes that are not there, by the threads of the current pool; what became of each, in the order in
    /// which they lie in the file, those that were there and those that do not exist first. Each is told once, however often it is
    /// asked for. No more are loaded than the cache has room for.
    pub fn run<R: Records, P: Policy<SharedChunk>>(
        &self,
        indexes: &[u32],
        loader: &RecordLoader<R>,
        cache: &Cache<SharedChunk, P>,
    ) -> Vec<(u32, Outcome)> {
        let mut wanted = indexes.to_vec();
        wanted.sort_unstable();
        wanted.dedup();
        let mut outcomes = Vec::with_capacity(wanted.len());
        let mut places = Vec::new();
        for index in wanted {
            if cache.contains(index) {
                outcomes.push((index, Outcome::Resident));
                continue;
            }
            match loader.records().extent(index) {
                Ok(extent) => places.push((extent, index)),
                Err(error) => outcomes.push((index, Outcome::Failed(error))),
            }
        }
        places.sort_unstable_by_key(|(extent, _)| extent.start);
        let no_room = places.split_off(places.len().min(room(loader, cache)));
        let mut rest = places.as_slice();
        while !rest.is_empty() {
            let mut bytes = 0;
            let fits = rest.iter().take_while(|(extent, _)| {
                bytes += extent.end - extent.start;
                bytes <= self.at_a_time
            });
            let (batch, after) = rest.split_at(fits.count().max(1));
            for range in merged(batch.iter().map(|(extent, _)| extent.clone())) {
                loader.records().will_need(range);
            }
            let fetched = batch.par_iter().map(|(_, index)| {
                let outcome = match cache.fetch(*index, || loader.load(*index)) {
                    Ok(true) => Outcome::Admitted,
                    Ok(false) => Outcome::NotAdmitted,
                    Err(error) => Outcome::Failed(error),
                };
                (*index, outcome)
            });
            outcomes.par_extend(fetched);
            rest = after;
        }
        outcomes.extend(
            no_room
                .into_iter()
                .map(|(_, index)| (index, Outcome::NoRoom)),
        );
        outcomes
    }
}

/// How many vectors the cache has room for.
fn room<R: Records, P: Policy<SharedChunk>>(
    loader: &RecordLoader<R>,
    cache: &Cache<SharedChunk, P>,
) -> usize {
    let policy = cache.policy();
    let cost = loader.value_bytes() as u64 + policy.entry_cost();
    usize::try_from(policy.budget() / cost).unwrap_or(usize::MAX)
}
