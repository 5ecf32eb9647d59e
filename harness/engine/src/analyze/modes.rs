//! Several modes in a distribution, and values far outside of it: said, never acted upon.
//!
//! A machine that runs at two speeds gives two heaps of elapsed times, and a median between them that no
//! run ever took. Whether there are two is decided by the excess mass (J. A. Hartigan, *JASA* 82,
//! 1987; D. W. Müller and G. Sawitzki, *JASA* 86, 1991): how much more of the values two intervals hold
//! than one does, each paying for its length. It is twice the dip of J. A. Hartigan and P. M.
//! Hartigan (*Annals of Statistics* 13, 1985), and as there the uniform distribution is the one
//! among those with a single mode that comes nearest to two.

use super::interval::median;

/// Fewest values in which modes are looked for.
const FEWEST: usize = 30;

/// Fewest values of a mode.
const FEWEST_OF_MODE: usize = 5;

/// Modes that differ by less than this share of the lower one are told as one: a clock that ticks,
/// or a figure that is a multiple of something, has many.
const APART: f64 = 0.02;

/// Two modes are believed when the second interval adds more than this, over the root of the number
/// of values. Values of a uniform distribution, the worst of those with one mode, do so once in 1,000
/// samples; of a normal one, never in practice (`examples/decision_errors`).
const SECOND_INTERVAL: f64 = 1.40;

/// Lengths are paid for at so many prices.
const PRICES: usize = 40;

/// Fewest values in which any is said to lie far outside.
const FEWEST_AROUND: usize = 12;

/// Far outside: beyond the quartiles by so many times the distance between them, on logarithms (the outer
/// fences of J. W. Tukey, *Exploratory Data Analysis*, 1977, 2E).
const OUTER_FENCE: f64 = 3.0;

/// One heap of a distribution.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Mode {
    /// The median of its values.
    pub centre: f64,
    /// Share of all values that belong to it.
    pub share: f64,
}

/// The modes of what `values` were drawn from, ascending; one where there is no sign of more.
///
/// Values in the order in which they came: where each resembles the one before, there are
/// fewer independent ones, and the number counts for less (as for the mean of a first-order
/// autoregressive process, M. S. Bartlett, *Journal of the Royal Statistical Society* 98, 1935).
pub fn modes(values: &[f64]) -> Vec<Mode> {
    let mut heaps = Vec::new();
    if values.iter().all(|value| value.is_finite()) {
        split(values, &mut heaps);
    } else {
        heaps.push(values.to_vec());
    }
    heaps.sort_by(|a, b| median(a).total_cmp(&median(b)));
    heaps
        .iter()
        .filter(|heap| !heap.is_empty())
        .map(|heap| Mode {
            centre: median(heap),
            share: heap.len() as f64 / values.len() as f64,
        })
        .collect()
}

/// The values that lie far outside the rest, ascending.
pub fn far_outside(values: &[f64]) -> Vec<f64> {
    let mut sorted: Vec<f64> = values
        .iter()
        .copied()
        .filter(|value| *value > 0.0)
        .collect();
    sorted.sort_by(f64::total_cmp);
    if sorted.len() < FEWEST_AROUND {
        return Vec::new();
    }
    let quartile = sorted.len() / 4;
    let (low, high) = (
        sorted[quartile].ln(),
        sorted[sorted.len() - 1 - quartile].ln(),
    );
    let reach = OUTER_FENCE * (high - low);
    if reach <= 0.0 {
        return Vec::new();
    }
    let outside = |value: &f64| value.ln() < low - reach || value.ln() > high + reach;
    sorted.into_iter().filter(outside).collect()
}

/// Adds the values to `heaps`, as one heap or, where they have two modes, as those of each.
fn split(values: &[f64], heaps: &mut Vec<Vec<f64>>) {
    if let Some(valley) = valley(values) {
        let (below, above): (Vec<f64>, Vec<f64>) =
            values.iter().partition(|value| **value <= valley);
        let (low, high) = (median(&below), median(&above));
        if high - low >= APART * low.abs() {
            split(&below, heaps);
            split(&above, heaps);
            return;
        }
    }
    heaps.push(values.to_vec());
}

/// A value between two modes; none where one mode is enough.
fn valley(values: &[f64]) -> Option<f64> {
    if values.len() < FEWEST {
        return None;
    }
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let independent =
        values.len() as f64 * (1.0 - resemblance(values)) / (1.0 + resemblance(values));
    let second = prices(&sorted)
        .into_iter()
        .map(|price| two_intervals(&sorted, price))
        .max_by(|a, b| a.gain.total_cmp(&b.gain))?;
    (second.gain * independent.sqrt() > SECOND_INTERVAL
        && second.above >= FEWEST_OF_MODE
        && sorted.len() - second.above >= FEWEST_OF_MODE)
        .then_some(second.valley)
}

/// What the second of two intervals adds to the share of values, and where it is parted from the
/// first.
struct Second {
    gain: f64,
    valley: f64,
    /// Values above the valley.
    above: usize,
}

/// Two intervals or one that hold most values for their length, at `price` (share of values) a length.
///
/// A walk over the sorted values: each adds its share, each gap costs its length. The best
/// stretch is one interval; the best two stretches are two.
fn two_intervals(sorted: &[f64], price: f64) -> Second {
    let each = 1.0 / sorted.len() as f64;
    // Where the best stretch that ends at or before each value begins to pay, from the left ...
    let left = best_until(sorted.iter().copied(), each, price);
    // ... and from the right, on mirrored values.
    let mut right = best_until(sorted.iter().rev().map(|value| -value), each, price);
    right.reverse();
    let one = left.last().copied().unwrap_or(0.0);
    let mut best = Second {
        gain: 0.0,
        valley: f64::NAN,
        above: 0,
    };
    let mut widest = 0.0;
    for place in 1..sorted.len() {
        let gain = left[place - 1] + right[place] - one;
        let gap = sorted[place] - sorted[place - 1];
        // Anywhere between the two intervals is as good: the widest gap there.
        let better = gain > best.gain + 1e-12;
        if better || (gain > best.gain - 1e-12 && gap > widest) {
            widest = gap;
            best = Second {
                gain,
                valley: sorted[place - 1] + gap / 2.0,
                above: sorted.len() - place,
            };
        }
    }
    best
}

/// The excess mass of the best interval among the first values, for each number of them.
fn best_until(values: impl Iterator<Item = f64>, each: f64, price: f64) -> Vec<f64> {
    let mut before: Option<f64> = None;
    let (mut here, mut best) = (0.0_f64, 0.0_f64);
    values
        .map(|value| {
            let gap = before.map_or(0.0, |before| value - before);
            before = Some(value);
            here = (here - price * gap).max(0.0) + each;
            best = best.max(here);
            best
        })
        .collect()
}

/// Prices from the lowest to the highest density that a tenth of the values has anywhere, each
/// higher than the one before by the same factor.
fn prices(sorted: &[f64]) -> Vec<f64> {
    let n = sorted.len();
    let tenth = (n / 10).max(3);
    let density = |place: usize| {
        let width = sorted[place + tenth] - sorted[place];
        tenth as f64 / n as f64 / width
    };
    let densities = (0..n - tenth)
        .map(density)
        .filter(|density| density.is_finite());
    let (low, high) = densities.fold((f64::INFINITY, 0.0), |(low, high): (f64, f64), density| {
        (low.min(density), high.max(density))
    });
    if low > high {
        return Vec::new();
    }
    let step = (high / low).powf(1.0 / (PRICES - 1) as f64);
    (0..PRICES)
        .map(|place| low * step.powi(place as i32))
        .collect()
}

/// The autocorrelation of the values' ranks at distance 1, if positive.
fn resemblance(values: &[f64]) -> f64 {
    let n = values.len();
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by(|a, b| values[*a].total_cmp(&values[*b]));
    let middle = (n as f64 - 1.0) / 2.0;
    let mut ranks = vec![0.0; n];
    for (rank, place) in order.into_iter().enumerate() {
        ranks[place] = rank as f64 - middle;
    }
    let square: f64 = ranks.iter().map(|rank| rank * rank).sum();
    let product: f64 = ranks.windows(2).map(|pair| pair[0] * pair[1]).sum();
    (product / square).clamp(0.0, 0.99)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::random::Random;

    /// One run of three at 33 ms, the others at 20 ms, 2 % wide.
    fn two_speeds(noise: &mut Random, n: usize) -> Vec<f64> {
        let mut run = || {
            let centre = if noise.share() < 0.33 { 0.033 } else { 0.020 };
            centre * (0.02 * noise.normal()).exp()
        };
        (0..n).map(|_| run()).collect()
    }

    #[test]
    fn two_speeds_are_two_modes() {
        for n in [80, 400, 1_500] {
            let found = modes(&two_speeds(&mut Random::new(n as u64), n));
            assert_eq!(found.len(), 2, "{found:?}");
            assert!((found[0].centre - 0.020).abs() < 0.0005, "{found:?}");
            assert!((found[1].centre - 0.033).abs() < 0.0010, "{found:?}");
            assert!((found[1].share - 0.33).abs() < 0.2, "{found:?}");
            assert!((found[0].share + found[1].share - 1.0).abs() < 1e-12);
        }
    }

    #[test]
    fn three_speeds_are_three_modes() {
        let mut noise = Random::new(5);
        let speeds = [1.0, 1.5, 2.5].map(|centre| (0..200).map(move |_| centre));
        let values: Vec<f64> = speeds.into_iter().flatten().collect();
        // Shuffled: in order they would be one slow drift.
        let mut values: Vec<(u64, f64)> = values
            .into_iter()
            .map(|centre| ((noise.share() * 1e9) as u64, centre + 0.03 * noise.normal()))
            .collect();
        values.sort_by_key(|(key, _)| *key);
        let values: Vec<f64> = values.into_iter().map(|(_, value)| value).collect();
        assert_eq!(modes(&values).len(), 3);
    }

    #[test]
    fn the_recorded_noise_has_two_modes() {
        let lines = include_str!("../../tests/data/noise/shell-loop.csv").lines();
        let walls = lines.filter_map(|line| line.split(',').next()?.parse::<f64>().ok());
        let walls: Vec<f64> = walls.collect();
        let found = modes(&walls);
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(
            found[0].centre < 25_000.0 && found[1].centre > 30_000.0,
            "{found:?}"
        );
    }

    #[test]
    fn one_heap_is_one_mode() {
        let mut alarms = 0;
        for seed in 0..100 {
            let mut noise = Random::new(seed);
            for n in [40, 300] {
                let uniform: Vec<f64> = (0..n).map(|_| 1.0 + noise.share()).collect();
                let skewed: Vec<f64> = (0..n).map(|_| (0.5 * noise.normal()).exp()).collect();
                let heavy: Vec<f64> = (0..n).map(|_| 1.0 / (0.01 + noise.share())).collect();
                for values in [uniform, skewed, heavy] {
                    alarms += usize::from(modes(&values).len() > 1);
                }
            }
        }
        assert!(alarms <= 2, "{alarms} of 600");
    }

    #[test]
    fn few_or_equal_values_have_one_mode() {
        assert!(modes(&[]).is_empty());
        assert_eq!(modes(&[1.0, 9.0]).len(), 1);
        assert_eq!(
            modes(&[2.0; 500]),
            [Mode {
                centre: 2.0,
                share: 1.0
            }]
        );
        assert_eq!(modes(&[f64::NAN; 50]).len(), 1);
    }

    #[test]
    fn the_ticks_of_a_clock_are_no_modes() {
        let mut noise = Random::new(6);
        let ticks = (0..400).map(|_| 1.0 + 0.001 * (4.0 * noise.share()).floor());
        assert_eq!(modes(&ticks.collect::<Vec<f64>>()).len(), 1);
    }

    #[test]
    fn what_lies_far_outside_is_found() {
        let mut noise = Random::new(2);
        let mut values: Vec<f64> = (0..200).map(|_| (0.05 * noise.normal()).exp()).collect();
        assert!(far_outside(&values).is_empty());
        values.extend([5.0, 0.2]);
        assert_eq!(far_outside(&values), [0.2, 5.0]);
        assert!(far_outside(&[1.0; 50]).is_empty());
        assert!(far_outside(&[1.0, 1.1, 9.0]).is_empty());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]

        /// Powers of two scale without rounding.
        #[test]
        fn the_unit_is_irrelevant(seed: u64, power in -8..8_i32) {
            let values = two_speeds(&mut Random::new(seed), 100);
            let factor = 2.0_f64.powi(power);
            let scaled: Vec<f64> = values.iter().map(|value| value * factor).collect();
            let (plain, scaled) = (modes(&values), modes(&scaled));
            prop_assert_eq!(plain.len(), scaled.len());
            for (plain, scaled) in plain.iter().zip(&scaled) {
                prop_assert_eq!(plain.centre * factor, scaled.centre);
                prop_assert_eq!(plain.share, scaled.share);
            }
        }
    }
}
