//! How many values lie below the truth, followed from look to look.
//!
//! Each value falls below the true median or above it like a fair coin, so the count below is a
//! random walk, and the chance that it is ever too small at a look can be added up exactly.

/// States that are less likely than this are forgotten; all of them together weigh less than the
/// rounding of the rest.
const NEGLIGIBLE: f64 = 1e-18;

/// The distribution of the count of values below the truth, among sessions that have not stopped.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Walk {
    /// Values so far.
    n: usize,
    /// The smallest count that has any weight.
    lowest: usize,
    /// Probability of each count from `lowest` on; they add up to less than 1 once sessions stopped.
    weights: Vec<f64>,
}

impl Walk {
    /// Before the first value.
    pub(super) fn new() -> Walk {
        Walk {
            n: 0,
            lowest: 0,
            weights: vec![1.0],
        }
    }

    /// Takes values until there are `n`.
    pub(super) fn advance(&mut self, n: usize) {
        let Some(more) = n.checked_sub(self.n).filter(|more| *more > 0) else {
            return;
        };
        let (first, coins) = fair_coins(more);
        let length = (self.weights.len() + coins.len()).saturating_sub(1);
        let mut weights = vec![0.0; length];
        for (place, weight) in self.weights.iter().enumerate() {
            for (sum, coin) in weights[place..].iter_mut().zip(&coins) {
                *sum += weight * coin;
            }
        }
        self.n = n;
        self.lowest += first;
        self.weights = weights;
        self.trim();
    }

    /// The largest rank `k`, at most half of the values, for which the chance that fewer than `k`
    /// values lie below the truth is at most `allowed`; 0 for none.
    pub(super) fn rank(&self, allowed: f64) -> usize {
        // An error that was computed to be just enough is enough, whichever way it was rounded.
        let allowed = allowed * (1.0 + 1e-9);
        let mut below = 0.0;
        let mut rank = 0;
        while rank < self.n / 2 {
            below += self.weight(rank);
            if below > allowed {
                break;
            }
            rank += 1;
        }
        rank
    }

    /// Ends the sessions with fewer than `rank` values below the truth, and says how likely they
    /// were.
    pub(super) fn stop_below(&mut self, rank: usize) -> f64 {
        let ended = rank.saturating_sub(self.lowest).min(self.weights.len());
        let weight = self.weights.drain(..ended).sum();
        self.lowest += ended;
        weight
    }

    fn weight(&self, count: usize) -> f64 {
        let place = count.checked_sub(self.lowest);
        place
            .and_then(|place| self.weights.get(place))
            .copied()
            .unwrap_or(0.0)
    }

    fn trim(&mut self) {
        let heavy = |weight: &f64| *weight > NEGLIGIBLE;
        let Some(first) = self.weights.iter().position(heavy) else {
            return;
        };
        let last = self.weights.iter().rposition(heavy).unwrap_or(first);
        self.weights.truncate(last + 1);
        self.weights.drain(..first);
        self.lowest += first;
    }
}

/// The probabilities of the counts of heads among `n` coins that are not negligible, and the first
/// of those counts.
fn fair_coins(n: usize) -> (usize, Vec<f64>) {
    // By their logarithms, because the first underflow from 1,075 coins on.
    let mut term = n as f64 * 0.5_f64.ln();
    let mut first = 0;
    let mut weights = Vec::new();
    for heads in 0..=n {
        let weight = term.exp();
        if weight > NEGLIGIBLE {
            weights.push(weight);
        } else if weights.is_empty() {
            first = heads + 1;
        } else {
            break;
        }
        term += ((n - heads) as f64 / (heads + 1) as f64).ln();
    }
    (first, weights)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coins_fall_as_they_should() {
        let (first, weights) = fair_coins(4);
        assert_eq!(first, 0);
        let expected = [1.0, 4.0, 6.0, 4.0, 1.0].map(|ways| ways / 16.0);
        for (weight, expected) in weights.iter().zip(expected) {
            assert!((weight - expected).abs() < 1e-15);
        }
        let (first, weights) = fair_coins(20_000);
        assert!(first > 9_000 && weights.len() < 2_000);
        assert!((weights.iter().sum::<f64>() - 1.0).abs() < 1e-9);
    }

    /// A walk in pieces is the walk as a whole.
    #[test]
    fn stages_add_up() {
        let mut walk = Walk::new();
        for n in [6, 8, 10, 100, 1_500] {
            walk.advance(n);
        }
        let mut whole = Walk::new();
        whole.advance(1_500);
        assert_eq!(walk.rank(0.01), whole.rank(0.01));
        assert!((walk.weight(700) - whole.weight(700)).abs() < 1e-12);
    }

    /// Counted by hand: 6 coins without a head are 1 of 64. Of the others those with at most one head
    /// among 10 had it among the first 6, and none in the next 4: 6 of 1,024.
    #[test]
    fn who_has_stopped_does_not_stop_again() {
        let mut walk = Walk::new();
        walk.advance(6);
        assert!((walk.stop_below(1) - 1.0 / 64.0).abs() < 1e-15);
        walk.advance(10);
        assert!((walk.stop_below(2) - 6.0 / 1024.0).abs() < 1e-15);
    }
}
