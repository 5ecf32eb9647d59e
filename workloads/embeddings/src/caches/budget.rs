//! How many bytes a cache is given.

use plimsoll_workload::Failure;

use super::params::Params;
use super::values::{Shared, Sizes, Source, dry};

/// What a value of each size costs outside of the tables.
pub(super) fn footprints<V: Shared>(
    sizes: &Sizes,
    source: &impl Source<V>,
    universe: u32,
) -> Result<Vec<u64>, Failure> {
    let mut all = vec![0; sizes.all().len()];
    for key in 0..universe {
        let class = sizes.class(key);
        if all[class] == 0 {
            all[class] = source.make(key, 0).map_err(dry)?.footprint() as u64;
        }
        if all.iter().all(|bytes| *bytes > 0) {
            break;
        }
    }
    Ok(all)
}

/// The budget, where a value costs `entry` more in the tables.
pub(super) fn budget(params: &Params, sizes: &Sizes, footprints: &[u64], entry: u64) -> u64 {
    if let Some(bytes) = params.budget_bytes {
        return bytes;
    }
    let cost = |key| {
        let class = sizes.class(key);
        if params.payload_only {
            sizes.all()[class] as u64
        } else {
            footprints[class] + entry
        }
    };
    let all: u64 = (0..params.universe).map(cost).sum();
    (all as f64 * params.budget_share) as u64
}

/// What a value holds on average.
pub(super) fn mean(footprints: &[u64]) -> usize {
    (footprints.iter().sum::<u64>() / footprints.len().max(1) as u64) as usize
}

/// The same, where the tables' part of a value follows from the budget.
pub(super) fn settled(
    params: &Params,
    sizes: &Sizes,
    footprints: &[u64],
    entry: impl Fn(u64) -> u64,
) -> u64 {
    let mut all = budget(params, sizes, footprints, 64);
    for _ in 0..2 {
        all = budget(params, sizes, footprints, entry(all));
    }
    all
}
