//! The best of many, by their scores.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

/// Something with a score. The best is the one with the highest, and of equal ones the least.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Scored<T> {
    pub(crate) score: f32,
    pub(crate) what: T,
}

impl<T: Ord> Scored<T> {
    /// The better first.
    pub(crate) fn order(&self, other: &Self) -> Ordering {
        let scores = other.score.total_cmp(&self.score);
        scores.then_with(|| self.what.cmp(&other.what))
    }
}

/// In the heap the worst is on top.
struct Kept<T>(Scored<T>);

impl<T: Ord> Ord for Kept<T> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.order(&other.0)
    }
}

impl<T: Ord> PartialOrd for Kept<T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<T: Ord> PartialEq for Kept<T> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl<T: Ord> Eq for Kept<T> {}

/// The best so far.
pub(crate) struct Best<T> {
    kept: BinaryHeap<Kept<T>>,
    most: usize,
}

impl<T: Ord> Best<T> {
    /// Keeps so many.
    pub(crate) fn new(most: usize) -> Self {
        Self {
            kept: BinaryHeap::with_capacity(most),
            most,
        }
    }

    /// Takes one, if it is among the best.
    #[inline]
    pub(crate) fn offer(&mut self, score: f32, what: T) {
        let offered = Scored { score, what };
        if self.kept.len() < self.most {
            self.kept.push(Kept(offered));
        } else if let Some(mut worst) = self.kept.peek_mut()
            // Nearly all end here.
            && score >= worst.0.score
            && offered.order(&worst.0).is_lt()
        {
            worst.0 = offered;
        }
    }

    /// The best first.
    pub(crate) fn into_sorted(self) -> Vec<Scored<T>> {
        let sorted = self.kept.into_sorted_vec();
        sorted.into_iter().map(|Kept(scored)| scored).collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_best_are_those_of_a_sorted_list(scores in proptest::collection::vec(0_u8..20, 0..60), most in 0_usize..12) {
            let all = || scores.iter().map(|score| f32::from(*score)).zip(0_u32..);
            let mut best = Best::new(most);
            for (score, what) in all() {
                best.offer(score, what);
            }
            let mut sorted: Vec<_> = all().map(|(score, what)| Scored { score, what }).collect();
            sorted.sort_by(Scored::order);
            sorted.truncate(most);
            prop_assert_eq!(best.into_sorted(), sorted);
        }
    }
}
