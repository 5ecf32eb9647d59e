//! When a session looks at its results to decide whether to go on, and what each look costs.
//!
//! Whoever looks at an interval again and again until it is clear of a bound finds it clear too
//! often. The looks are therefore few and fixed beforehand, and share one error between them
//! (Bonferroni's inequality, which needs no assumption on how the looks depend on each other; the
//! general theory of such spending is K. K. G. Lan and D. L. DeMets, *Biometrika* 70, 1983).

use crate::scenario::Runs;

/// The error that all looks of a session share, both sides together.
pub const TOTAL_ALPHA: f64 = 0.05;

/// Fewest values that have an interval: the extremes of six hold the median with an error of 1/32.
pub const FEWEST: u32 = 6;

/// The looks of a session.
#[derive(Debug, Clone, PartialEq)]
pub struct Looks {
    /// Numbers of rounds at which the session looks, ascending, and the error each look may spend.
    at: Vec<(usize, f64)>,
}

impl Looks {
    /// The looks for this many runs: at the fewest, then at each doubling, then at the most.
    ///
    /// The first look gets what the extremes of that many values cost if that is more than an even
    /// share, so that six pairs can decide; the others share the rest evenly.
    pub fn new(runs: Runs) -> Looks {
        let most = runs.max.max(1) as usize;
        let mut at = vec![runs.min.max(FEWEST).min(runs.max.max(1)) as usize];
        while let Some(&last) = at.last()
            && last < most
        {
            // A look shortly before the end costs more than it can save.
            let next = last.saturating_mul(2);
            at.push(if next.saturating_mul(4) > most.saturating_mul(3) {
                most
            } else {
                next
            });
        }
        let even = TOTAL_ALPHA / at.len() as f64;
        let extremes = 2.0 * 0.5_f64.powi(i32::try_from(at[0]).unwrap_or(i32::MAX));
        let first = if at[0] >= FEWEST as usize {
            even.max(extremes)
        } else {
            even
        };
        let rest = (TOTAL_ALPHA - first) / (at.len().max(2) - 1) as f64;
        let alphas = std::iter::once(first).chain(std::iter::repeat(rest));
        Looks {
            at: at.into_iter().zip(alphas).collect(),
        }
    }

    /// The looks for a pair of variants.
    pub fn of_pair(a: Runs, b: Runs) -> Looks {
        Looks::new(Looks::runs_of_pair(a, b))
    }

    /// The runs that a pair of variants shares: the fewer of each.
    pub fn runs_of_pair(a: Runs, b: Runs) -> Runs {
        Runs {
            min: a.min.min(b.min),
            max: a.max.min(b.max),
        }
    }

    /// The error that a look at `n` values may spend: that of the first look not before `n`, so
    /// that a session cut short spends nothing that a later look would have spent too.
    pub fn alpha(&self, n: usize) -> f64 {
        let look = self.at.iter().find(|(at, _)| *at >= n);
        look.or(self.at.last()).map_or(0.0, |(_, alpha)| *alpha)
    }

    /// Whether the session looks at `n` values.
    pub fn is_look(&self, n: usize) -> bool {
        self.at.iter().any(|(at, _)| *at == n)
    }

    /// The next look after `n` values.
    pub fn next_after(&self, n: usize) -> Option<usize> {
        self.at.iter().map(|(at, _)| *at).find(|at| *at > n)
    }

    /// The last look before `n` values.
    pub fn last_before(&self, n: usize) -> Option<usize> {
        self.at.iter().map(|(at, _)| *at).rfind(|at| *at < n)
    }

    /// How many looks there are.
    pub fn count(&self) -> usize {
        self.at.len()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn looks(min: u32, max: u32) -> Looks {
        Looks::new(Runs { min, max })
    }

    fn places(looks: &Looks) -> Vec<usize> {
        looks.at.iter().map(|(at, _)| *at).collect()
    }

    #[test]
    fn looks_double() {
        assert_eq!(places(&looks(6, 6)), [6]);
        assert_eq!(places(&looks(6, 20)), [6, 12, 20]);
        assert_eq!(places(&looks(6, 14)), [6, 14]);
        assert_eq!(places(&looks(3, 12)), [6, 12]);
        assert_eq!(places(&looks(10, 100)), [10, 20, 40, 100]);
        assert_eq!(places(&looks(1, 3)), [3]);
    }

    #[test]
    fn six_pairs_can_decide_however_many_looks_follow() {
        for max in [6, 12, 20, 200] {
            assert!(looks(6, max).alpha(6) >= 2.0_f64.powi(-5), "max = {max}");
        }
        assert_eq!(looks(6, 6).alpha(6), TOTAL_ALPHA);
    }

    #[test]
    fn between_looks_the_next_one_pays() {
        let looks = looks(6, 20);
        assert_eq!(looks.alpha(9), looks.alpha(12));
        assert_eq!(looks.alpha(3), looks.alpha(6));
        assert_eq!(looks.alpha(99), looks.alpha(20));
        assert_eq!(looks.last_before(7), Some(6));
        assert_eq!(looks.last_before(6), None);
        assert_eq!(looks.next_after(6), Some(12));
        assert_eq!(looks.next_after(20), None);
    }

    proptest! {
        #[test]
        fn no_more_than_the_total_is_spent(min in 1..50_u32, extra in 0..500_u32) {
            let looks = looks(min, min + extra);
            let spent: f64 = looks.at.iter().map(|(_, alpha)| alpha).sum();
            prop_assert!(spent <= TOTAL_ALPHA + 1e-12);
            prop_assert!(looks.at.iter().all(|(_, alpha)| *alpha > 0.0));
            prop_assert!(looks.at.windows(2).all(|pair| pair[0].0 < pair[1].0));
            prop_assert_eq!(looks.at.last().unwrap().0, (min + extra) as usize);
        }

        /// Every look from six values up can afford at least their extremes.
        #[test]
        fn every_look_can_decide(min in 1..50_u32, extra in 0..500_u32) {
            let looks = looks(min, min + extra);
            for (at, alpha) in looks.at.iter().filter(|(at, _)| *at >= FEWEST as usize) {
                let rank = super::super::order_statistic_rank(*at, *alpha);
                prop_assert!(rank.is_some(), "{} at {}", alpha, at);
            }
        }
    }
}
