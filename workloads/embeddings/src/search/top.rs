//! The best of many scores.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

/// A vector that was found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Hit {
    /// Its number in the store.
    pub index: u64,
    /// Its score: the higher, the nearer.
    pub score: f32,
}

/// The k hits of the highest scores, of equal ones those of the lowest indices. Scores can be offered in any order and any
/// number of pieces; what is no number is the least of all.
#[derive(Debug, Clone)]
pub struct Top {
    k: usize,
    /// The worst on top.
    worst: BinaryHeap<Ranked>,
}

/// A hit, greater than another if it is worse.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Ranked(Hit);

impl Eq for Ranked {}

impl Ord for Ranked {
    fn cmp(&self, other: &Self) -> Ordering {
        let scores = other.0.score.partial_cmp(&self.0.score);
        let scores = scores.unwrap_or(Ordering::Equal);
        scores.then(self.0.index.cmp(&other.0.index))
    }
}

impl PartialOrd for Ranked {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Top {
    /// The best `k` of none.
    #[must_use]
    pub fn new(k: usize) -> Self {
        let worst = BinaryHeap::new();
        Self { k, worst }
    }

    /// Takes what is among the best of the scores of the vectors from `first` on.
    pub fn offer(&mut self, first: u64, scores: &[f32]) {
        const AT_A_TIME: usize = 16;
        for (first, scores) in (first..).step_by(AT_A_TIME).zip(scores.chunks(AT_A_TIME)) {
            let least = self.least();
            // Without a branch for each: hardly any is good enough.
            if scores
                .iter()
                .fold(false, |any, &score| any | (score >= least))
                || !self.is_full()
            {
                for (index, &score) in (first..).zip(scores) {
                    self.take(Hit { index, score });
                }
            }
        }
    }

    /// Takes what is among the best of the hits of another.
    pub fn merge(&mut self, other: Self) {
        for Ranked(hit) in other.worst {
            self.take(hit);
        }
    }

    /// The hits, the best first.
    #[must_use]
    pub fn into_hits(self) -> Vec<Hit> {
        let sorted = self.worst.into_sorted_vec();
        sorted.into_iter().map(|Ranked(hit)| hit).collect()
    }

    /// Takes a hit if it is among the best.
    pub fn take(&mut self, hit: Hit) {
        let score = if hit.score.is_nan() {
            f32::NEG_INFINITY
        } else {
            hit.score
        };
        let hit = Ranked(Hit { score, ..hit });
        if !self.is_full() {
            self.worst.push(hit);
        } else if let Some(mut worst) = self.worst.peek_mut()
            && hit < *worst
        {
            *worst = hit;
        }
    }

    fn is_full(&self) -> bool {
        self.worst.len() >= self.k
    }

    /// No lower score is among the best any more.
    fn least(&self) -> f32 {
        let worst = self.worst.peek().filter(|_| self.is_full());
        worst.map_or(f32::NEG_INFINITY, |Ranked(hit)| hit.score)
    }
}
