//! The median, and an interval for it that assumes nothing about the distribution.

use super::looks::{FEWEST, Looks};
use super::resample::bootstrap_medians;

/// Up to this many values the interval is taken from order statistics, which is exact; above it
/// from the bootstrap. A bootstrap percentile of the median is an order statistic as well, about
/// one rank further in: at 19 values and a nominal 95 % it covers 93.6 %, beyond 40 values it is
/// within half a percent of what it promises. See `docs/statistics.md`.
const EXACT_UP_TO: usize = 40;

/// An interval on the line.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// The middle value, or the mean of the two middle ones; NaN for no values.
pub fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let n = sorted.len();
    match n {
        0 => f64::NAN,
        _ if n % 2 == 1 => sorted[n / 2],
        _ => midpoint(sorted[n / 2 - 1], sorted[n / 2]),
    }
}

/// The mean of two values that lies between them whatever their size.
pub(super) fn midpoint(a: f64, b: f64) -> f64 {
    a + (b - a) / 2.0
}

/// The rank `k`, from 1, for which the `k`th smallest and the `k`th largest of `n` values hold
/// the distribution's median between them with an error of at most `alpha`, both sides together:
/// the largest `k` with `2 P(Binomial(n, 1/2) < k) <= alpha`. None where even the extremes do not.
///
/// W. J. Conover, *Practical Nonparametric Statistics*, 3rd ed., section 3.2.
pub fn order_statistic_rank(n: usize, alpha: f64) -> Option<usize> {
    let mut term = 0.5_f64.powi(i32::try_from(n).ok()?);
    let mut below = 0.0;
    let mut rank = 0;
    while rank < n / 2 {
        below += term;
        if 2.0 * below > alpha {
            break;
        }
        rank += 1;
        term *= (n - rank + 1) as f64 / rank as f64;
    }
    (rank > 0).then_some(rank)
}

/// An interval for the median of the distribution that `values` were drawn from, with an error of
/// at most `alpha` on both sides together. None where there are too few values for that `alpha`.
pub fn median_interval(values: &[f64], alpha: f64, seed: u64) -> Option<Interval> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let n = sorted.len();
    if n < FEWEST as usize {
        return None;
    }
    if n <= EXACT_UP_TO {
        let rank = order_statistic_rank(n, alpha)?;
        return Some(Interval {
            low: sorted[rank - 1],
            high: sorted[n - rank],
        });
    }
    let medians = bootstrap_medians(&sorted, seed);
    let cut = ((medians.len() as f64) * alpha / 2.0).floor() as usize;
    let cut = cut.min((medians.len() - 1) / 2);
    Some(Interval {
        low: medians[cut],
        high: medians[medians.len() - 1 - cut],
    })
}

/// A median with its interval.
#[derive(Debug, Clone, PartialEq)]
pub struct Estimate {
    /// The median.
    pub centre: f64,
    /// The interval; absent where there are too few values for one.
    pub interval: Option<Interval>,
    /// The values it rests on, in the order in which they came.
    pub values: Vec<f64>,
}

impl Estimate {
    /// Estimates the median of `values`, which came in this order and were looked at by `looks`.
    ///
    /// Where they end between two looks, too soon for the error that the next one may spend, the
    /// estimate rests on those that the last look saw.
    pub fn new(values: &[f64], looks: &Looks, seed: u64) -> Estimate {
        let over = |values: &[f64]| Estimate {
            centre: median(values),
            interval: median_interval(values, looks.alpha(values.len()), seed),
            values: values.to_vec(),
        };
        let all = over(values);
        match looks.last_before(values.len()) {
            Some(seen) if all.interval.is_none() => over(&values[..seen]),
            _ => all,
        }
    }

    /// Number of values it rests on.
    pub fn n(&self) -> usize {
        self.values.len()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::analyze::resample::SplitMix64;
    use crate::scenario::Runs;

    #[test]
    fn medians() {
        assert!(median(&[]).is_nan());
        assert_eq!(median(&[3.0]), 3.0);
        assert_eq!(median(&[3.0, 1.0]), 2.0);
        assert_eq!(median(&[9.0, 1.0, 4.0]), 4.0);
        assert_eq!(median(&[f64::MAX, f64::MAX]), f64::MAX);
    }

    /// Ranks of the two-sided 95 % and 99 % intervals as tables of the sign test print them.
    #[test]
    fn ranks_are_those_of_the_tables() {
        let table = [
            (5, 0.05, None),
            (6, 0.05, Some(1)),
            (8, 0.05, Some(1)),
            (9, 0.05, Some(2)),
            (12, 0.05, Some(3)),
            (15, 0.05, Some(4)),
            (20, 0.05, Some(6)),
            (25, 0.05, Some(8)),
            (30, 0.05, Some(10)),
            (40, 0.05, Some(14)),
            (7, 0.01, None),
            (8, 0.01, Some(1)),
            (20, 0.01, Some(4)),
            (30, 0.01, Some(8)),
        ];
        for (n, alpha, rank) in table {
            assert_eq!(
                order_statistic_rank(n, alpha),
                rank,
                "n = {n}, alpha = {alpha}"
            );
        }
    }

    #[test]
    fn six_values_have_their_extremes() {
        let values = [5.0, 1.0, 4.0, 2.0, 6.0, 3.0];
        let interval = median_interval(&values, 0.05, 1).unwrap();
        assert_eq!((interval.low, interval.high), (1.0, 6.0));
        assert_eq!(median_interval(&values[..5], 0.05, 1), None);
        assert_eq!(median_interval(&values, 0.03, 1), None);
    }

    #[test]
    fn values_after_a_look_wait_for_the_next() {
        let looks = Looks::new(Runs { min: 6, max: 20 });
        let values = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 700.0];
        let estimate = Estimate::new(&values, &looks, 1);
        assert_eq!(estimate.n(), 6);
        assert_eq!(estimate.centre, 3.5);
        let interval = estimate.interval.unwrap();
        assert_eq!((interval.low, interval.high), (1.0, 6.0));
        // At 9 the error of the look at 12 suffices.
        let nine = Estimate::new(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0], &looks, 1);
        assert_eq!(nine.n(), 9);
        assert!(nine.interval.is_some());
    }

    /// A log-normal value, by Box and Muller.
    fn log_normal(random: &mut SplitMix64, mu: f64, sigma: f64) -> f64 {
        let mut uniform = || (random.next() >> 11) as f64 / (1_u64 << 53) as f64;
        let radius = (-2.0 * (1.0 - uniform()).ln()).sqrt();
        (mu + sigma * radius * (std::f64::consts::TAU * uniform()).cos()).exp()
    }

    fn coverage(n: usize, alpha: f64, datasets: usize) -> f64 {
        let mut random = SplitMix64::new(20_261_121);
        let held = (0..datasets).filter(|seed| {
            let values: Vec<f64> = (0..n).map(|_| log_normal(&mut random, 1.0, 0.5)).collect();
            let interval = median_interval(&values, alpha, *seed as u64).unwrap();
            interval.low <= 1.0_f64.exp() && 1.0_f64.exp() <= interval.high
        });
        held.count() as f64 / datasets as f64
    }

    /// The exact interval never promises too much. Three standard errors of 2,000 datasets are
    /// 1.5 % at 95 % and 0.7 % at 99 %.
    #[test]
    fn exact_intervals_cover_what_they_promise() {
        for n in [6, 9, 12, 20, 40] {
            let covered = coverage(n, 0.05, 2_000);
            assert!(covered >= 0.95 - 0.015, "{covered} at {n}");
        }
        for n in [12, 20, 40] {
            let covered = coverage(n, 0.01, 2_000);
            assert!(covered >= 0.99 - 0.007, "{covered} at {n}");
        }
    }

    /// The bootstrap's ends are known beforehand, but for the luck of the draw: the smallest rank
    /// `k` for which `P(Binomial(n, k/n) > n/2)` reaches half of alpha, `n` odd. Covering the
    /// distribution's median is then a matter of ranks alone: 96.0, 99.0, 95.4 and 99.1 %.
    #[test]
    fn bootstrap_intervals_end_at_the_ranks_they_should() {
        for (n, alpha, rank) in [
            (61, 0.05, 23),
            (61, 0.0094, 21),
            (101, 0.05, 41),
            (101, 0.0094, 38),
        ] {
            let values: Vec<f64> = (1..=n).map(f64::from).collect();
            let interval = median_interval(&values, alpha, 3).unwrap();
            let (low, high) = (f64::from(rank), f64::from(n + 1 - rank));
            assert!(
                (interval.low - low).abs() <= 1.0,
                "{interval:?} of {n} at {alpha}"
            );
            assert!(
                (interval.high - high).abs() <= 1.0,
                "{interval:?} of {n} at {alpha}"
            );
        }
    }

    fn some_values() -> impl Strategy<Value = Vec<f64>> {
        prop::collection::vec(1e-3..1e6_f64, 6..60)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn the_interval_contains_the_median(values in some_values(), alpha in 0.001..0.2_f64) {
            if let Some(interval) = median_interval(&values, alpha, 7) {
                let median = median(&values);
                prop_assert!(interval.low <= median && median <= interval.high);
            }
        }

        #[test]
        fn more_confidence_is_never_narrower(values in some_values()) {
            let wide = median_interval(&values, 0.01, 7);
            let narrow = median_interval(&values, 0.05, 7).unwrap();
            if let Some(wide) = wide {
                prop_assert!(wide.low <= narrow.low && narrow.high <= wide.high);
            }
        }

        #[test]
        fn order_is_irrelevant(mut values in some_values()) {
            let before = median_interval(&values, 0.05, 7);
            values.reverse();
            let middle = values.len() / 2;
            values.rotate_left(middle);
            prop_assert_eq!(before, median_interval(&values, 0.05, 7));
        }

        /// Powers of two scale without rounding, so the interval follows exactly.
        #[test]
        fn the_interval_scales_with_the_values(values in some_values(), power in -8..8_i32) {
            let factor = 2.0_f64.powi(power);
            let scaled: Vec<f64> = values.iter().map(|value| value * factor).collect();
            let of_scaled = median_interval(&scaled, 0.05, 7).unwrap();
            let plain = median_interval(&values, 0.05, 7).unwrap();
            prop_assert_eq!(of_scaled.low, plain.low * factor);
            prop_assert_eq!(of_scaled.high, plain.high * factor);
        }
    }
}
