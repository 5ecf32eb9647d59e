//! When a session looks at its results to decide whether to go on, and what each look may decide.
//!
//! Whoever looks at an interval again and again until it is clear of a bound finds it clear too
//! often. The looks are therefore fixed beforehand and share one error: the intervals of all looks
//! together miss the truth on a given side no more often than that. Such intervals are the repeated
//! confidence intervals of C. Jennison and B. W. Turnbull, *Journal of the Royal Statistical Society*
//! B 51, 1989. What a look costs beyond those before it is computed, not bounded ([`Walk`]).

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::walk::Walk;
use crate::scenario::Runs;

/// The looks that were worked out before, by fewest and most runs. A millisecond each for 1,500
/// runs, and every judgement of a session asks for them again.
static KNOWN: Mutex<BTreeMap<(u32, u32), Looks>> = Mutex::new(BTreeMap::new());

/// The error of all looks of a session, both sides together.
pub const TOTAL_ALPHA: f64 = 0.02;

/// The same for sessions too short for that ([`Looks::new`]).
pub const SHORT_ALPHA: f64 = 0.05;

/// Fewest values that have an interval: the extremes of six hold the median with an error of 1/32.
pub const FEWEST: u32 = 6;

/// Sessions of fewer values cannot keep to [`TOTAL_ALPHA`] at any of their looks but the last.
const SHORT: u32 = 8;

/// Fewest runs from look to look: a rank is worth one or two coins, so a look after each of a few
/// runs only takes from the last.
const LEAST_STEP: usize = 2;

/// The looks of a session. Cheap to clone.
#[derive(Debug, Clone, PartialEq)]
pub struct Looks {
    looks: Arc<[Look]>,
    /// The error of all looks, both sides together.
    alpha: f64,
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Look {
    /// Number of rounds.
    at: usize,
    /// The interval is from the `rank`th smallest value to the `rank`th largest; 0 for none.
    rank: usize,
    /// What this look and all before it may cost, on one side.
    allowed: f64,
}

impl Looks {
    /// The looks for this many runs: at the fewest (but at least [`FEWEST`]), then each time that
    /// there is an eighth more and two at least, the last at the most.
    ///
    /// Each look gets an even share of the error, and what those before it did not use up.
    /// That suits not knowing how large an effect is: a share for each eighth more is one for each
    /// step of the same size in effect. Sessions of at most 7 runs have [`SHORT_ALPHA`], because
    /// six values have no interval with a smaller error than 1/32.
    pub fn new(runs: Runs) -> Looks {
        let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
        let looks = known
            .entry((runs.min, runs.max))
            .or_insert_with(|| Looks::of(runs));
        looks.clone()
    }

    fn of(runs: Runs) -> Looks {
        let most = runs.max.max(1);
        let alpha = if most < SHORT {
            SHORT_ALPHA
        } else {
            TOTAL_ALPHA
        };
        let places = places(runs.min.max(FEWEST).min(most) as usize, most as usize);
        let share = alpha / 2.0 / places.len() as f64;
        let mut walk = Walk::new();
        let mut spent = 0.0;
        let look = |(number, at): (usize, usize)| {
            let allowed = share * (number + 1) as f64;
            walk.advance(at);
            let rank = walk.rank(allowed - spent);
            spent += walk.stop_below(rank);
            Look { at, rank, allowed }
        };
        Looks {
            looks: places.into_iter().enumerate().map(look).collect(),
            alpha,
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

    /// How often the intervals of all looks hold the truth.
    pub fn level(&self) -> f64 {
        1.0 - self.alpha
    }

    /// The rank `k` for `n` values: the `k`th smallest and the `k`th largest are the ends of the
    /// interval. None where there are too few values for one.
    ///
    /// Between two looks, where a session was cut short, the next look is held early: it has the
    /// error that the planned one will not need.
    pub fn rank(&self, n: usize) -> Option<usize> {
        let next = self.looks.iter().position(|look| look.at >= n);
        // No session has more values than its last look; if one had, the last look would be late.
        let next = next.unwrap_or(self.looks.len().saturating_sub(1));
        let look = self.looks.get(next)?;
        if look.at == n {
            return (look.rank > 0).then_some(look.rank);
        }
        let mut walk = Walk::new();
        let mut spent = 0.0;
        for before in &self.looks[..next] {
            walk.advance(before.at);
            spent += walk.stop_below(before.rank);
        }
        walk.advance(n);
        let rank = walk.rank(look.allowed - spent);
        (rank > 0).then_some(rank)
    }

    /// Whether the session looks at `n` values.
    pub fn is_look(&self, n: usize) -> bool {
        self.looks.iter().any(|look| look.at == n)
    }

    /// The next look after `n` values.
    pub fn next_after(&self, n: usize) -> Option<usize> {
        self.looks.iter().map(|look| look.at).find(|at| *at > n)
    }

    /// The last look before `n` values.
    pub fn last_before(&self, n: usize) -> Option<usize> {
        self.looks.iter().map(|look| look.at).rfind(|at| *at < n)
    }

    /// How many looks there are.
    pub fn count(&self) -> usize {
        self.looks.len()
    }
}

/// Where to look between the first look and the last.
fn places(first: usize, last: usize) -> Vec<usize> {
    let mut places = vec![first];
    let mut at = first;
    while at < last {
        let step = at.div_ceil(8).max(LEAST_STEP);
        // A look shortly before the end costs more than it can save.
        let next = at + step;
        at = if next + step / 2 >= last { last } else { next };
        places.push(at);
    }
    places
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::analyze::order_statistic_rank;
    use crate::random::Random;

    fn looks(min: u32, max: u32) -> Looks {
        Looks::new(Runs { min, max })
    }

    fn places(looks: &Looks) -> Vec<usize> {
        looks.looks.iter().map(|look| look.at).collect()
    }

    fn ranks(looks: &Looks) -> Vec<usize> {
        looks.looks.iter().map(|look| look.rank).collect()
    }

    #[test]
    fn looks_are_an_eighth_apart() {
        assert_eq!(places(&looks(6, 6)), [6]);
        assert_eq!(places(&looks(6, 7)), [6, 7]);
        assert_eq!(places(&looks(6, 20)), [6, 8, 10, 12, 14, 16, 18, 20]);
        assert_eq!(places(&looks(3, 12)), [6, 8, 10, 12]);
        let forty = [10, 12, 14, 16, 18, 21, 24, 27, 31, 35, 40];
        assert_eq!(places(&looks(10, 40)), forty);
        assert_eq!(places(&looks(1, 3)), [3]);
        assert_eq!(looks(6, 1_500).count(), 43);
    }

    /// Worked out by an independent program.
    #[test]
    fn ranks_are_the_exact_ones() {
        assert_eq!(ranks(&looks(6, 20)), [0, 0, 1, 2, 2, 3, 4, 5]);
        let hundred = [
            0, 0, 1, 1, 2, 3, 3, 4, 5, 6, 8, 9, 11, 13, 16, 19, 22, 25, 30, 36,
        ];
        assert_eq!(ranks(&looks(6, 100)), hundred);
    }

    #[test]
    fn a_single_look_is_the_plain_interval() {
        for n in [8, 20, 75, 400] {
            assert_eq!(
                looks(n, n).rank(n as usize),
                order_statistic_rank(n as usize, 0.02)
            );
        }
        assert_eq!(looks(6, 6).rank(6), Some(1));
        assert_eq!(looks(6, 6).level(), 0.95);
        assert_eq!(looks(8, 8).level(), 0.98);
    }

    #[test]
    fn between_looks_the_next_one_pays() {
        let looks = looks(6, 100);
        assert_eq!(looks.rank(22), Some(5));
        assert_eq!(looks.rank(25), Some(6));
        assert_eq!(looks.rank(28), Some(7));
        assert_eq!(looks.rank(3), None);
        assert_eq!(looks.last_before(7), Some(6));
        assert_eq!(looks.last_before(6), None);
        assert_eq!(looks.next_after(6), Some(8));
        assert_eq!(looks.next_after(100), None);
    }

    /// Coins instead of values: how often is any look's interval on the wrong side?
    #[test]
    fn all_looks_together_keep_to_the_error() {
        let looks = looks(6, 200);
        let mut noise = Random::new(4);
        let sessions = 20_000;
        let crossed = (0..sessions).filter(|_| {
            let mut below = 0;
            (1..=200).any(|n| {
                below += usize::from(noise.share() < 0.5);
                looks.is_look(n) && looks.rank(n).is_some_and(|rank| below < rank)
            })
        });
        let rate = crossed.count() as f64 / f64::from(sessions);
        // 1 % is allowed on one side, and nearly used up; three standard errors are 0.2 %.
        assert!((0.0070..0.0122).contains(&rate), "{rate}");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn no_more_than_the_total_is_spent(min in 1..50_u32, extra in 0..300_u32) {
            let looks = looks(min, min + extra);
            let mut walk = Walk::new();
            let mut spent = 0.0;
            for look in looks.looks.iter() {
                walk.advance(look.at);
                spent += walk.stop_below(look.rank);
                prop_assert!(spent <= look.allowed * (1.0 + 1e-6));
            }
            prop_assert!(2.0 * spent <= (1.0 - looks.level()) * (1.0 + 1e-6));
            prop_assert!(looks.looks.windows(2).all(|pair| pair[0].at < pair[1].at));
            prop_assert!(looks.looks.windows(2).all(|pair| pair[0].rank <= pair[1].rank));
            prop_assert_eq!(looks.looks.last().unwrap().at, (min + extra) as usize);
        }

        /// A session of six values or more can decide in the end.
        #[test]
        fn the_last_look_can_decide(min in 1..50_u32, extra in 6..300_u32) {
            let looks = looks(min, min + extra);
            prop_assert!(looks.rank((min + extra) as usize).is_some());
        }

        #[test]
        fn a_look_held_early_is_no_laxer(min in 6..30_u32, extra in 2..100_u32, n in 6..130_usize) {
            let looks = looks(min, min + extra);
            if let Some(next) = looks.next_after(n)
                && let (Some(early), Some(planned)) = (looks.rank(n), looks.rank(next))
            {
                prop_assert!(early <= planned);
            }
        }
    }
}
