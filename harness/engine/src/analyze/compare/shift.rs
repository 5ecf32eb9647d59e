//! The shift between two unpaired samples, with an interval that assumes nothing about the noise but
//! that both have the same.
//!
//! J. L. Hodges and E. L. Lehmann, "Estimates of location based on rank tests", *Annals of
//! Mathematical Statistics* 34, 1963, for the estimate; D. F. Bauer, "Constructing confidence sets using rank
//! statistics", *Journal of the American Statistical Association* 67, 1972, for the interval: the shifts that
//! the test of H. B. Mann and D. R. Whitney (*Annals of Mathematical Statistics* 18, 1947) does not reject.

use statrs::distribution::{ContinuousCDF, Normal};

use crate::analyze::Interval;

/// Binomial coefficients below this are exact in a double, and so is every count made on the way to
/// them.
const EXACT: f64 = (1_u64 << 53) as f64;

/// How far one sample lies above another.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Shift {
    /// The median of all differences.
    pub(super) centre: f64,
    /// The interval; absent where there are too few values for one.
    pub(super) interval: Option<Interval>,
}

/// The shift from `old` to `new` with an interval whose error is at most `alpha`, both sides together.
/// None where either is empty.
pub(super) fn shift(old: &[f64], new: &[f64], alpha: f64) -> Option<Shift> {
    let mut differences: Vec<f64> = new
        .iter()
        .flat_map(|new| old.iter().map(move |old| new - old))
        .collect();
    let n = differences.len();
    let middle = n.checked_sub(1)? / 2;
    let mut smallest = |place: usize| *differences.select_nth_unstable_by(place, f64::total_cmp).1;
    let (lower, upper) = (smallest(middle), smallest(n / 2));
    let interval = rank(old.len(), new.len(), alpha).map(|rank| Interval {
        low: smallest(rank - 1),
        high: smallest(n - rank),
    });
    Some(Shift {
        centre: lower + (upper - lower) / 2.0,
        interval,
    })
}

/// By how much an interval that takes the values for independent is too narrow, as a factor from 1 up, where
/// each resembles the one before it: the square root of (1 + r) / (1 - r) for a correlation r of neighbours, which is
/// how many such values are worth one independent one.
///
/// M. S. Bartlett, "On the theoretical specification and sampling properties of autocorrelated time
/// series", supplement to the *Journal of the Royal Statistical Society* 8, 1946; the estimate of r is freed of its bias
/// in short series after F. H. C. Marriott and J. A. Pope, *Biometrika* 41, 1954.
pub(super) fn resemblance(values: &[f64]) -> f64 {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    // In fewer the correlation of neighbours is mostly chance.
    if values.len() < 6 || squares <= 0.0 {
        return 1.0;
    }
    let products = values
        .windows(2)
        .map(|pair| (pair[0] - mean) * (pair[1] - mean));
    let estimated = products.sum::<f64>() / squares;
    let correlation = (estimated + (1.0 + 4.0 * estimated) / n).clamp(0.0, 0.9);
    ((1.0 + correlation) / (1.0 - correlation)).sqrt()
}

/// The rank `k`, from 1, for which the `k`th smallest and the `k`th largest of all differences
/// hold the shift between them with an error of at most `alpha`: the largest `k` with
/// `2 P(U < k) <= alpha`, where U is the Mann-Whitney statistic of samples of these sizes. None where
/// even the extremes do not.
pub(super) fn rank(m: usize, n: usize, alpha: f64) -> Option<usize> {
    let (few, many) = (m.min(n), m.max(n));
    let orders = (1..=few).fold(1.0, |product, i| product * (many + i) as f64 / i as f64);
    let rank = if orders < EXACT {
        exact_rank(few, many, alpha * orders / 2.0)
    } else {
        normal_rank(few as f64, many as f64, alpha)
    };
    (rank > 0).then_some(rank.min(m * n / 2))
}

/// The largest rank that at most `allowed` of all orders of the two samples lie below.
fn exact_rank(few: usize, many: usize, allowed: f64) -> usize {
    // A number of orders that was computed to be just enough is enough, whichever way it was rounded.
    let allowed = allowed * (1.0 + 1e-9);
    let mut below = 0.0;
    let fits = orders_by_statistic(few, many)
        .into_iter()
        .take_while(|of_rank| {
            below += of_rank;
            below <= allowed
        });
    fits.count()
}

/// In how many orders of the two samples the statistic is 0, 1, 2, ...: the coefficients of the
/// Gaussian binomial, the product of (1 - q^(many + i)) / (1 - q^i) for i from 1 to `few`.
fn orders_by_statistic(few: usize, many: usize) -> Vec<f64> {
    let mut orders = vec![0.0; few * many + 1];
    orders[0] = 1.0;
    for i in 1..=few {
        for place in (many + i..orders.len()).rev() {
            orders[place] -= orders[place - many - i];
        }
        for place in i..orders.len() {
            orders[place] += orders[place - i];
        }
    }
    orders
}

/// The rank by the normal approximation, with its correction for continuity.
fn normal_rank(m: f64, n: f64, alpha: f64) -> usize {
    let z = Normal::standard().inverse_cdf(1.0 - alpha / 2.0);
    let deviation = (m * n * (m + n + 1.0) / 12.0).sqrt();
    let rank = m * n / 2.0 - 0.5 - z * deviation;
    // Saturates at 0 where it is negative.
    (rank.floor() + 1.0) as usize
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::random::Random;

    /// Critical values of U for two-sided tests at 5 % and 1 %, as tables print them: U at most this is
    /// significant. The rank is one more.
    #[test]
    fn ranks_are_those_of_the_tables() {
        let table = [
            (3, 5, 0.05, Some(0)),
            (4, 4, 0.05, Some(0)),
            (5, 5, 0.05, Some(2)),
            (5, 8, 0.05, Some(6)),
            (6, 6, 0.05, Some(5)),
            (8, 10, 0.05, Some(17)),
            (10, 10, 0.05, Some(23)),
            (20, 20, 0.05, Some(127)),
            (5, 5, 0.01, Some(0)),
            (6, 6, 0.01, Some(2)),
            (10, 10, 0.01, Some(16)),
            (20, 20, 0.01, Some(105)),
            (3, 3, 0.05, None),
            (4, 4, 0.01, None),
        ];
        for (m, n, alpha, critical) in table {
            let expected = critical.map(|u: usize| u + 1);
            assert_eq!(rank(m, n, alpha), expected, "{m}, {n}, {alpha}");
            assert_eq!(rank(n, m, alpha), expected, "{n}, {m}, {alpha}");
        }
    }

    #[test]
    fn the_approximation_continues_the_exact_ranks() {
        for n in [20, 24, 27] {
            let exact = rank(n, n, 0.01).unwrap();
            let approximate = normal_rank(n as f64, n as f64, 0.01);
            assert!(
                exact.abs_diff(approximate) <= 2,
                "{exact} {approximate} at {n}"
            );
        }
        assert!(rank(1_500, 1_500, 0.01).is_some());
        assert!(rank(5, 1_500, 0.01).is_some());
        assert_eq!(rank(0, 5, 0.01), None);
    }

    #[test]
    fn the_shift_is_the_median_difference() {
        let shift = shift(&[1.0, 2.0, 3.0], &[11.0, 12.0, 14.0], 0.1).unwrap();
        assert_eq!(shift.centre, 10.0);
        let interval = shift.interval.unwrap();
        assert_eq!((interval.low, interval.high), (8.0, 13.0));
        assert_eq!(super::shift(&[], &[1.0], 0.05), None);
        assert_eq!(super::shift(&[1.0], &[3.0], 0.05).unwrap().interval, None);
    }

    /// Three standard errors of 2,000 datasets are 0.7 % at 99 %.
    #[test]
    fn intervals_cover_what_they_promise() {
        let mut noise = Random::new(20_261_121);
        for (m, n) in [(5, 5), (6, 20), (30, 30)] {
            let mut missed = 0;
            for _ in 0..2_000 {
                let mut heavy = |n| -> Vec<f64> {
                    (0..n)
                        .map(|_| noise.normal() / noise.share().max(0.05))
                        .collect()
                };
                let (old, new) = (heavy(m), heavy(n));
                let interval = shift(&old, &new, 0.01).unwrap().interval.unwrap();
                missed += usize::from(!(interval.low..=interval.high).contains(&0.0));
            }
            assert!(missed <= 34, "{missed} of 2,000 at {m} and {n}");
        }
    }

    #[test]
    fn values_that_resemble_their_neighbours_count_less() {
        let alternating: Vec<f64> = (0..40).map(|n| f64::from(n % 2)).collect();
        assert_eq!(resemblance(&alternating), 1.0);
        let drifting: Vec<f64> = (0..40).map(f64::from).collect();
        assert!(resemblance(&drifting) > 2.5);
        assert_eq!(resemblance(&[1.0; 20]), 1.0);
        assert_eq!(resemblance(&drifting[..5]), 1.0);
        let mut noise = Random::new(7);
        let mut of_independent =
            || resemblance(&(0..40).map(|_| noise.normal()).collect::<Vec<_>>());
        let mean = (0..500).map(|_| of_independent()).sum::<f64>() / 500.0;
        assert!(mean < 1.15, "{mean}");
    }

    fn sample() -> impl Strategy<Value = Vec<f64>> {
        prop::collection::vec(-1e3..1e3_f64, 1..20)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn turning_the_samples_round_turns_the_shift_round(old in sample(), new in sample()) {
            let there = shift(&old, &new, 0.05).unwrap();
            let back = shift(&new, &old, 0.05).unwrap();
            prop_assert!((there.centre + back.centre).abs() < 1e-9);
            prop_assert_eq!(there.interval.map(|i| (i.low, i.high)), back.interval.map(|i| (-i.high, -i.low)));
        }

        #[test]
        fn the_interval_holds_the_estimate(old in sample(), new in sample()) {
            let shift = shift(&old, &new, 0.05).unwrap();
            if let Some(interval) = shift.interval {
                prop_assert!(interval.low <= shift.centre && shift.centre <= interval.high);
            }
        }
    }
}
