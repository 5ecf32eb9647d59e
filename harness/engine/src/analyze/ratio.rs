//! Variant against baseline: paired log ratios, and what a program differs from itself by.

use std::collections::BTreeMap;

use super::interval::{Estimate, median};
use super::looks::Looks;
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
    /// The largest of the log ratios' sizes.
    pub largest: f64,
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
        largest: sizes.iter().copied().fold(0.0, f64::max),
    })
}

/// A variant's metric against the baseline's, for results. Without pairs by round (count trials),
/// or with too few of them for an interval, `level` is 0 and `low` and `high` are the extremes.
pub(super) fn relative(baseline: &Series, variant: &Series, looks: &Looks) -> Option<Relative> {
    let ratios = log_ratios(baseline, variant);
    if ratios.is_empty() {
        return unpaired(baseline, variant);
    }
    let estimate = Estimate::new(&ratios, looks);
    let (ends, level) = match estimate.interval {
        Some(interval) => (interval, looks.level()),
        None => (estimate.range()?, 0.0),
    };
    Some(Relative {
        ratio: estimate.centre.exp(),
        low: ends.low.exp(),
        high: ends.high.exp(),
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

#[cfg(test)]
mod tests {
    use plimsoll_workload::{Better, Unit};
    use proptest::prelude::*;

    use super::*;
    use crate::analyze::series::{Descriptor, Quality, Reading};
    use crate::evidence::Aggregate;
    use crate::scenario::Runs;

    fn series(values: &[(Option<u32>, f64)]) -> Series {
        let reading = |(trial, (round, value)): (usize, &(Option<u32>, f64))| Reading {
            trial: trial as u32,
            round: *round,
            value: *value,
            quality: Quality::Exact,
        };
        Series {
            about: Descriptor {
                unit: Unit::Seconds,
                better: Better::Lower,
                source: "clock".to_owned(),
                aggregate: Aggregate::Median,
            },
            readings: values.iter().enumerate().map(reading).collect(),
        }
    }

    fn rounds(values: &[f64]) -> Series {
        let rounds: Vec<_> = (0..).map(Some).zip(values.iter().copied()).collect();
        series(&rounds)
    }

    const LOOKS: Runs = Runs { min: 6, max: 6 };

    #[test]
    fn pairs_are_made_by_round() {
        let baseline = series(&[(Some(0), 1.0), (Some(1), 2.0), (Some(3), 8.0)]);
        let variant = series(&[(Some(3), 4.0), (Some(1), 1.0), (Some(2), 9.0), (None, 5.0)]);
        let halves = log_ratios(&baseline, &variant);
        assert_eq!(halves, [0.5_f64.ln(), 0.5_f64.ln()]);
    }

    #[test]
    fn nothing_is_a_multiple_of_nothing() {
        let variant = rounds(&[1.0, 2.0]);
        assert!(log_ratios(&rounds(&[0.0, 4.0]), &variant).len() == 1);
        assert_eq!(
            relative(
                &series(&[(None, 0.0)]),
                &series(&[(None, 1.0)]),
                &Looks::new(LOOKS)
            ),
            None
        );
    }

    #[test]
    fn six_pairs_have_an_interval() {
        let baseline = rounds(&[1.0; 6]);
        let variant = rounds(&[0.5, 0.6, 0.7, 0.4, 0.5, 0.55]);
        let relative = relative(&baseline, &variant, &Looks::new(LOOKS)).unwrap();
        assert_eq!((relative.pairs, relative.level), (6, 0.95));
        assert!((relative.low - 0.4).abs() < 1e-12 && (relative.high - 0.7).abs() < 1e-12);
        assert!((relative.ratio - (0.5_f64 * 0.55).sqrt()).abs() < 1e-12);
    }

    #[test]
    fn few_pairs_have_extremes_and_no_level() {
        let three = relative(
            &rounds(&[1.0; 3]),
            &rounds(&[2.0, 3.0, 4.0]),
            &Looks::new(LOOKS),
        );
        let three = three.unwrap();
        assert_eq!((three.pairs, three.level), (3, 0.0));
        assert!((three.low - 2.0).abs() < 1e-12 && (three.high - 4.0).abs() < 1e-12);
    }

    #[test]
    fn count_trials_are_one_pair() {
        let one = relative(
            &series(&[(None, 8.0)]),
            &series(&[(None, 2.0)]),
            &Looks::new(LOOKS),
        );
        let one = one.unwrap();
        assert_eq!((one.ratio, one.low, one.high), (0.25, 0.25, 0.25));
        assert_eq!((one.pairs, one.level), (1, 0.0));
    }

    #[test]
    fn the_noise_floor_needs_three_pairs() {
        let measured = rounds(&[1.0, 1.0, 1.0]);
        let control = rounds(&[1.1, 0.8, 1.2]);
        assert_eq!(noise(&rounds(&[1.0, 1.0]), &control), None);
        let noise = noise(&measured, &control).unwrap();
        assert_eq!(noise.pairs, 3);
        assert!((noise.floor - 1.1_f64.ln()).abs() < 1e-12);
        assert!((noise.spread - 1.2_f64.ln()).abs() < 1e-12);
        assert!((noise.largest + 0.8_f64.ln()).abs() < 1e-12);
    }

    fn pairs() -> impl Strategy<Value = Vec<(f64, f64)>> {
        prop::collection::vec((1e-3..1e3_f64, 1e-3..1e3_f64), 6..30)
    }

    fn of_pairs(pairs: &[(f64, f64)]) -> Relative {
        let (base, variant): (Vec<f64>, Vec<f64>) = pairs.iter().copied().unzip();
        let n = pairs.len() as u32;
        let looks = Looks::new(Runs { min: n, max: n });
        relative(&rounds(&base), &rounds(&variant), &looks).unwrap()
    }

    fn near(a: f64, b: f64) -> bool {
        (a - b).abs() <= 1e-9 * a.abs().max(b.abs())
    }

    proptest! {
        #[test]
        fn the_order_of_pairs_is_irrelevant(pairs in pairs(), by in 0..30_usize) {
            let mut turned = pairs.clone();
            turned.rotate_left(by % pairs.len());
            prop_assert_eq!(of_pairs(&pairs), of_pairs(&turned));
        }

        #[test]
        fn the_unit_is_irrelevant(pairs in pairs(), factor in 1e-3..1e3_f64) {
            let scaled: Vec<_> = pairs.iter().map(|(a, b)| (a * factor, b * factor)).collect();
            let (a, b) = (of_pairs(&pairs), of_pairs(&scaled));
            prop_assert!(near(a.ratio, b.ratio) && near(a.low, b.low) && near(a.high, b.high));
        }

        #[test]
        fn turning_the_pairs_round_inverts_the_ratio(pairs in pairs()) {
            let turned: Vec<_> = pairs.iter().map(|(a, b)| (*b, *a)).collect();
            let (a, b) = (of_pairs(&pairs), of_pairs(&turned));
            prop_assert!(near(a.ratio, 1.0 / b.ratio));
            prop_assert!(near(a.low, 1.0 / b.high) && near(a.high, 1.0 / b.low));
        }
    }
}
