//! A run: the trace, a cache for it, and every read of it.

use std::sync::Arc;
use std::sync::atomic::AtomicU32;

use plimsoll_workload::{Context, Failure};

use super::budget::{footprints, mean, settled};
use super::hot::Hot;
use super::kinds::{Cached, Lazily};
use super::measures::{self, tell};
use super::params::Params;
use super::reader::{Read, read_all};
use super::steady::handle_over_direct;
use super::values::{Blocks, Chunks, Shared, Sizes, Source};
use crate::cache::{Adaptive, Bounds, Cache, Lru, Policy, Weighted};
use crate::data::{Access, Trace};
use crate::lazy::{Handle, Loader};
use crate::pool::SharedChunk;

/// What all implementations read.
struct Task<'a> {
    params: &'a Params,
    context: &'a Context,
    sizes: Sizes,
    accesses: Vec<Access>,
    by_rank: Vec<u32>,
}

impl<'a> Task<'a> {
    fn new(params: &'a Params, context: &'a Context) -> Result<Self, Failure> {
        params.check()?;
        if params.writes > 0.0 && context.threads() > 1 {
            let message =
                "writes needs one thread: with more, which value is read depends on their order";
            return Err(Failure::Input(message.to_owned()));
        }
        let trace = context.phase("trace", || Trace::new(&params.trace()));
        let trace = trace.map_err(|error| Failure::Input(error.to_string()))?;
        let crc = trace.crc32();
        context
            .digest(measures::TRACE)
            .finish_with(&format!("crc32:{crc:08x}"));
        Ok(Self {
            params,
            context,
            sizes: Sizes::of(params),
            accesses: trace.iter().collect(),
            by_rank: trace.keys_by_rank().to_vec(),
        })
    }

    /// Anonymous memory now.
    fn resident(&self) -> u64 {
        self.context.resident_anonymous().map_or(0, |bytes| bytes.0)
    }

    fn read<V: Shared, P: Policy<V>, S: Source<V>>(
        &self,
        footprints: &[u64],
        before: u64,
        policy: P,
        source: S,
    ) -> Result<(Cached<V, P, S>, Read), Failure> {
        let entry = policy.entry_cost();
        let budget = policy.budget();
        let costs: Vec<u64> = footprints.iter().map(|bytes| bytes + entry).collect();
        let hot = Hot::new(&self.by_rank, &self.sizes, &costs, budget);
        let versions = if self.params.writes > 0.0 {
            self.params.universe
        } else {
            0
        };
        let reader = Cached {
            cache: Cache::new(policy),
            source,
            versions: (0..versions).map(|_| AtomicU32::new(0)).collect(),
        };
        let read = self.context.phase("read", || {
            read_all(&reader, &self.accesses, &hot, self.context)
        })?;
        self.report(&read, before);
        let stats = reader.cache.stats();
        // Each thread may be about to make room for what it has just put in.
        let largest = costs.iter().max().copied().unwrap_or_default();
        let most = stats.budget.max(budget) + self.context.threads() as u64 * largest;
        if read.used_peak > most {
            let message = format!("the cache held {} bytes of {most}", read.used_peak);
            return Err(Failure::Other(message));
        }
        tell(self.context, measures::BUDGET, stats.budget as f64);
        tell(self.context, measures::ENTRY, entry as f64);
        tell(self.context, measures::ENTRIES, stats.entries as f64);
        tell(self.context, measures::EVICTIONS, stats.evictions as f64);
        Ok((reader, read))
    }

    fn report(&self, read: &Read, before: u64) {
        let Self {
            context, params, ..
        } = self;
        let reads = self.accesses.len();
        tell(context, measures::HIT_RATE, read.hits as f64 / reads as f64);
        if read.hot > 0 && params.drift == 0 {
            tell(
                context,
                measures::HOT_HIT_RATE,
                read.hot_hits as f64 / read.hot as f64,
            );
        }
        tell(context, measures::READ_CPU, read.cpu_ns as f64 / 1e9);
        tell(context, measures::USED, read.used_peak as f64);
        if let Some(budget @ 1..) = params.budget_bytes {
            let more = read.resident_peak.saturating_sub(before);
            tell(context, measures::ANON, more as f64 / budget as f64);
        }
        let digest = format!("xxh3:{:032x}", read.digest);
        context.digest(measures::VALUES).finish_with(&digest);
    }

    /// Chunks, what they cost, and the budget for a cache of them: what their pools hold besides is taken off it, where sizes are mixed.
    fn pooled(&self) -> Result<(Chunks, Vec<u64>, u64), Failure> {
        let source = Chunks::new(&self.sizes)?;
        let footprints = footprints(&self.sizes, &source, self.params.universe)?;
        let expected = mean(&footprints);
        let entry = |budget| Weighted::<SharedChunk>::new(budget, expected).entry_cost();
        let budget = settled(self.params, &self.sizes, &footprints, entry);
        let slack = if self.params.mixed_sizes {
            source.slack(budget)
        } else {
            0
        };
        Ok((source, footprints, budget.saturating_sub(slack)))
    }
}

/// The baseline.
pub(super) fn lru(params: &Params, context: &Context) -> Result<(), Failure> {
    let task = Task::new(params, context)?;
    let source = Blocks(task.sizes.clone());
    let footprints = footprints(&task.sizes, &source, params.universe)?;
    let entry = Lru::<Arc<[u8]>>::usual_entry_cost();
    let budget = settled(params, &task.sizes, &footprints, |_| entry);
    let before = task.resident();
    task.read(&footprints, before, Lru::new(budget), source)?;
    Ok(())
}

/// The policy of `quick_cache` over a pool.
pub(super) fn weighted(params: &Params, context: &Context) -> Result<(), Failure> {
    let task = Task::new(params, context)?;
    let (source, footprints, budget) = task.pooled()?;
    let before = task.resident();
    let policy = Weighted::new(budget, mean(&footprints));
    task.read(&footprints, before, policy, source)?;
    Ok(())
}

/// The same with a moving budget.
pub(super) fn adaptive(params: &Params, context: &Context) -> Result<(), Failure> {
    let task = Task::new(params, context)?;
    let (source, footprints, ceiling) = task.pooled()?;
    let before = task.resident();
    let bounds = Bounds {
        floor: ceiling / 4,
        ceiling,
    };
    let policy = Adaptive::new(bounds, mean(&footprints));
    let (reader, _) = task.read(&footprints, before, policy, source)?;
    tell(
        context,
        measures::RESIZES,
        reader.cache.policy().resizes() as f64,
    );
    Ok(())
}

/// A handle of each key.
pub(super) fn lazy(params: &Params, context: &Context) -> Result<(), Failure> {
    let task = Task::new(params, context)?;
    if params.writes > 0.0 {
        let message = "writes cannot be had with lazy: its handles keep what they have loaded";
        return Err(Failure::Input(message.to_owned()));
    }
    let loader: Arc<dyn Loader> = Arc::new(Chunks::new(&task.sizes)?);
    let before = task.resident();
    let reader = Lazily::new(params.universe, &loader);
    let hot = Hot::new(
        &task.by_rank,
        &task.sizes,
        &vec![1; task.sizes.all().len()],
        u64::MAX,
    );
    let mut read = context.phase("read", || read_all(&reader, &task.accesses, &hot, context))?;
    read.used_peak = reader
        .handles
        .iter()
        .map(|handle: &Handle| handle.memory() as u64)
        .sum();
    task.report(&read, before);
    if params.steady {
        let ratio = context.phase("steady", || handle_over_direct(&reader, &task.accesses))?;
        tell(context, measures::HANDLE, ratio);
    }
    Ok(())
}
