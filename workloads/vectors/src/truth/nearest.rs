//! The nearest seen so far, in the order of answers: by distance, then by id.

use std::cmp::Ordering;

/// A vector and its exact squared distance from a query.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Near {
    /// Row of the vector.
    pub id: u32,
    /// Of [`squared_distance`](super::squared_distance).
    pub distance: f64,
}

impl Near {
    /// The order of answers.
    #[must_use]
    pub fn order(&self, other: &Self) -> Ordering {
        (self.distance.total_cmp(&other.distance)).then(self.id.cmp(&other.id))
    }
}

/// At most `most` vectors, the nearest first.
#[derive(Debug, Clone)]
pub(super) struct Nearest {
    most: usize,
    found: Vec<Near>,
}

impl Nearest {
    /// `most` must be at least 1.
    pub(super) fn new(most: usize) -> Self {
        Self {
            most,
            found: Vec::new(),
        }
    }

    /// Keeps a vector, if it is among the nearest. The order in which they come makes no difference.
    pub(super) fn offer(&mut self, near: Near) {
        if self.found.len() == self.most {
            match self.found.last() {
                Some(farthest) if near.order(farthest).is_lt() => self.found.pop(),
                _ => return,
            };
        }
        let place = self
            .found
            .partition_point(|other| other.order(&near).is_lt());
        self.found.insert(place, near);
    }

    pub(super) fn into_found(self) -> Vec<Near> {
        self.found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_are_kept_whatever_the_order_they_come_in() {
        let distances = [3.0, 1.0, 2.0, 1.0, 0.5, 3.0];
        let near = |id: usize| Near {
            id: id as u32,
            distance: distances[id],
        };
        for order in [[0, 1, 2, 3, 4, 5], [5, 4, 3, 2, 1, 0], [2, 0, 4, 1, 5, 3]] {
            for (most, ids) in [
                (1, &[4][..]),
                (3, &[4, 1, 3]),
                (5, &[4, 1, 3, 2, 0]),
                (9, &[4, 1, 3, 2, 0, 5]),
            ] {
                let mut nearest = Nearest::new(most);
                order.iter().for_each(|id| nearest.offer(near(*id)));
                let found: Vec<_> = nearest.into_found().iter().map(|near| near.id).collect();
                assert_eq!(found, ids);
            }
        }
    }
}
