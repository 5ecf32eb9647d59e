//! Variant against baseline: paired log ratios, and what a program differs from itself by.

use std::collections::BTreeMap;

use super::interval::{Estimate, median};
use super::looks::{Looks, TOTAL_ALPHA};
use super::series::Series;
use crate::report::Relative;

/// Fewest A/A pairs that make a noise floor.
const FEWEST_CONTROLS: usize = 3;

/// What the baseline differs from itself by, measured by A/A pairs of the same session.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Noise {
    /// A/A pairs.
    pub pairs: usize,
    /// The median log ratio of the pairs, without its sign: what the estimate used for variants
    /// says of a program held against itself.
    pub floor: f64,
    /// The median of the log ratios' sizes: what two single runs typically differ by.
    pub spread: f64,
}

/// The log ratios of variant over baseline, one per round that both took part in, in the order of
/// the rounds. Rounds in which either value is not positive have no ratio and are left out.
pub fn log_ratios(baseline: &Series, variant: &Series) -> Vec<f64> {
    let by_round = |series: &Series| -> BTreeMap<u32, f64> {
        let readings = series.readings.iter().rev();
        readings
            .filter_map(|reading| Some((reading.round?, reading.value)))
            .collect()
    };
    let baseline = by_round(baseline);
    by_round(variant)
        .into_iter()
        .filter_map(|(round, value)| {
            let base = *baseline.get(&round)?;
            (base > 0.0 && value > 0.0).then(|| (value / base).ln())
        })
        .collect()
}

/// The noise floor from the baseline's measured and control runs; none from fewer than three pairs.
pub fn noise(measured: &Series, control: &Series) -> Option<Noise> {
    let ratios = log_ratios(measured, control);
    let sizes: Vec<f64> = ratios.iter().map(|ratio| ratio.abs()).collect();
    (ratios.len() >= FEWEST_CONTROLS).then(|| Noise {
        pairs: ratios.len(),
        floor: median(&ratios).abs(),
        spread: median(&sizes),
    })
}

/// A variant's metric against the baseline's, for results. Without pairs by round (count trials),
/// or with too few of them for an interval, `level` is 0 and `low` and `high` are the extremes.
pub(super) fn relative(
    baseline: &Series,
    variant: &Series,
    looks: &Looks,
    seed: u64,
) -> Option<Relative> {
    let ratios = log_ratios(baseline, variant);
    if ratios.is_empty() {
        return unpaired(baseline, variant);
    }
    let estimate = Estimate::new(&ratios, looks, seed);
    let extreme =
        |pick: fn(f64, f64) -> f64, start| estimate.values.iter().copied().fold(start, pick);
    let (low, high, level) = match estimate.interval {
        Some(interval) => (interval.low, interval.high, 1.0 - TOTAL_ALPHA),
        None => (
            extreme(f64::min, f64::INFINITY),
            extreme(f64::max, f64::NEG_INFINITY),
            0.0,
        ),
    };
    Some(Relative {
        ratio: estimate.centre.exp(),
        low: low.exp(),
        high: high.exp(),
        pairs: u32::try_from(estimate.n()).unwrap_or(u32::MAX),
        level,
    })
}

/// The ratio of medians, between the extremes of every combination; counts as one pair.
fn unpaired(baseline: &Series, variant: &Series) -> Option<Relative> {
    let paired_by_round = |series: &Series| series.readings.iter().any(|r| r.round.is_some());
    if paired_by_round(baseline) || paired_by_round(variant) || baseline.min() <= 0.0 {
        return None;
    }
    Some(Relative {
        ratio: median(&variant.values()) / median(&baseline.values()),
        low: variant.min() / baseline.max(),
        high: variant.max() / baseline.min(),
        pairs: 1,
        level: 0.0,
    })
}
