//! The median, and an interval for it that assumes nothing about the distribution.

use super::looks::Looks;

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
        // Not (a + b) / 2, which may overflow.
        _ => sorted[n / 2 - 1] + (sorted[n / 2] - sorted[n / 2 - 1]) / 2.0,
    }
}

/// The rank `k`, from 1, for which the `k`th smallest and the `k`th largest of `n` values hold
/// the distribution's median between them with an error of at most `alpha`, both sides together:
/// the largest `k` with `2 P(Binomial(n, 1/2) < k) <= alpha`. None where even the extremes do not.
///
/// W. J. Conover, *Practical Nonparametric Statistics*, 3rd ed., section 3.2.
pub fn order_statistic_rank(n: usize, alpha: f64) -> Option<usize> {
    // An alpha that was computed to be just enough is enough, whichever way it was rounded.
    let alpha = alpha * (1.0 + 1e-9);
    // The terms of the sum by their logarithms, because the first underflow from 1,075 values on.
    let mut term = n as f64 * 0.5_f64.ln();
    let mut below = 0.0;
    let mut rank = 0;
    while rank < n / 2 {
        below += term.exp();
        if 2.0 * below > alpha {
            break;
        }
        rank += 1;
        term += ((n - rank + 1) as f64 / rank as f64).ln();
    }
    (rank > 0).then_some(rank)
}

/// An interval for the median of the distribution that `values` were drawn from, with an error of
/// at most `alpha` on both sides together. None where there are too few values for that `alpha`.
///
/// It is exact whatever the distribution. The percentile bootstrap of a median is not: its ends are
/// order statistics as well, about one rank further in (`docs/statistics.md` has the figures).
pub fn median_interval(values: &[f64], alpha: f64) -> Option<Interval> {
    let rank = order_statistic_rank(values.len(), alpha)?;
    between(values, rank)
}

/// From the `rank`th smallest value to the `rank`th largest, ranks from 1.
fn between(values: &[f64], rank: usize) -> Option<Interval> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    Some(Interval {
        low: *sorted.get(rank.checked_sub(1)?)?,
        high: *sorted.get(sorted.len().checked_sub(rank)?)?,
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
    /// Where they end between two looks, too soon for the error that the next one has, the estimate
    /// rests on those that the last look saw.
    pub fn new(values: &[f64], looks: &Looks) -> Estimate {
        let over = |values: &[f64]| Estimate {
            centre: median(values),
            interval: looks
                .rank(values.len())
                .and_then(|rank| between(values, rank)),
            values: values.to_vec(),
        };
        let all = over(values);
        match looks.last_before(values.len()) {
            Some(seen) if all.interval.is_none() => over(&values[..seen]),
            _ => all,
        }
    }

    /// From the smallest to the largest of its values.
    pub fn range(&self) -> Option<Interval> {
        between(&self.values, 1)
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
    use crate::random::Random;
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
            (100, 0.05, Some(40)),
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

    /// Past the reach of 2^-n; the normal approximation says n/2 - 0.98 sqrt(n).
    #[test]
    fn thousands_of_values_have_ranks_too() {
        let rank = order_statistic_rank(10_000, 0.05).unwrap();
        assert!((4_900..=4_904).contains(&rank), "{rank}");
    }

    #[test]
    fn six_values_have_their_extremes() {
        let values = [5.0, 1.0, 4.0, 2.0, 6.0, 3.0];
        let interval = median_interval(&values, 0.05).unwrap();
        assert_eq!((interval.low, interval.high), (1.0, 6.0));
        assert_eq!(median_interval(&values[..5], 0.05), None);
        assert_eq!(median_interval(&values, 0.03), None);
    }

    #[test]
    fn values_after_a_look_wait_for_the_next() {
        let looks = Looks::new(Runs { min: 6, max: 20 });
        let mut values = vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 700.0];
        let estimate = Estimate::new(&values, &looks);
        assert_eq!((estimate.n(), estimate.centre), (6, 3.5));
        assert_eq!(estimate.interval, None);
        // At 9 the error of the look at 10 suffices.
        values.extend([8.0, 9.0]);
        let nine = Estimate::new(&values, &looks);
        assert_eq!(nine.n(), 9);
        let interval = nine.interval.unwrap();
        assert_eq!((interval.low, interval.high), (1.0, 700.0));
    }

    fn coverage(n: usize, alpha: f64, datasets: usize) -> f64 {
        let mut noise = Random::new(20_261_121);
        let held = (0..datasets).filter(|_| {
            let values: Vec<f64> = (0..n).map(|_| (1.0 + 0.5 * noise.normal()).exp()).collect();
            let interval = median_interval(&values, alpha).unwrap();
            (interval.low..=interval.high).contains(&1.0_f64.exp())
        });
        held.count() as f64 / datasets as f64
    }

    /// The exact interval never promises too much. Three standard errors of 2,000 datasets are
    /// 1.5 % at 95 % and 0.7 % at 99 %.
    #[test]
    fn exact_intervals_cover_what_they_promise() {
        for n in [6, 9, 12, 20, 40, 75] {
            let covered = coverage(n, 0.05, 2_000);
            assert!(covered >= 0.95 - 0.015, "{covered} at {n}");
        }
        for n in [12, 20, 40, 75] {
            let covered = coverage(n, 0.01, 2_000);
            assert!(covered >= 0.99 - 0.007, "{covered} at {n}");
        }
    }

    fn some_values() -> impl Strategy<Value = Vec<f64>> {
        prop::collection::vec(1e-3..1e6_f64, 6..60)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn the_interval_contains_the_median(values in some_values(), alpha in 0.001..0.2_f64) {
            if let Some(interval) = median_interval(&values, alpha) {
                let median = median(&values);
                prop_assert!(interval.low <= median && median <= interval.high);
            }
        }

        #[test]
        fn more_confidence_is_never_narrower(values in some_values()) {
            let wide = median_interval(&values, 0.01);
            let narrow = median_interval(&values, 0.05).unwrap();
            if let Some(wide) = wide {
                prop_assert!(wide.low <= narrow.low && narrow.high <= wide.high);
            }
        }

        #[test]
        fn order_is_irrelevant(mut values in some_values()) {
            let before = median_interval(&values, 0.05);
            values.reverse();
            let middle = values.len() / 2;
            values.rotate_left(middle);
            prop_assert_eq!(before, median_interval(&values, 0.05));
        }

        /// Powers of two scale without rounding, so the interval follows exactly.
        #[test]
        fn the_interval_scales_with_the_values(values in some_values(), power in -8..8_i32) {
            let factor = 2.0_f64.powi(power);
            let scaled: Vec<f64> = values.iter().map(|value| value * factor).collect();
            let of_scaled = median_interval(&scaled, 0.05).unwrap();
            let plain = median_interval(&values, 0.05).unwrap();
            prop_assert_eq!(of_scaled.low, plain.low * factor);
            prop_assert_eq!(of_scaled.high, plain.high * factor);
        }
    }
}
