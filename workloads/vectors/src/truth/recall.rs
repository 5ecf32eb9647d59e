//! Recall, counted by distance.

use super::nearest::Near;

/// The share of the `truth.len()` nearest that an answer has found, its distances being exact: a vector counts if it is no farther
/// than the farthest true one, so that it makes no difference which of several equally far ones was found; one that is
/// given twice counts once. 1 where there is nothing to be found.
#[must_use]
pub fn recall(answer: &[Near], truth: &[Near]) -> f64 {
    let Some(farthest) = truth.last() else {
        return 1.0;
    };
    let near = answer.iter().take(truth.len()).enumerate();
    let right = near.filter(|(place, near)| {
        let repeated = answer[..*place].iter().any(|other| other.id == near.id);
        near.distance <= farthest.distance && !repeated
    });
    right.count() as f64 / truth.len() as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(pairs: &[(u32, f64)]) -> Vec<Near> {
        pairs
            .iter()
            .map(|(id, distance)| Near {
                id: *id,
                distance: *distance,
            })
            .collect()
    }

    #[test]
    fn recall_counts_by_distance_and_each_vector_once() {
        let truth = near(&[(0, 1.0), (1, 2.0), (2, 2.0), (3, 3.0)]);
        let of = |answer: &[(u32, f64)]| recall(&near(answer), &truth);
        assert_eq!(of(&[(0, 1.0), (1, 2.0), (2, 2.0), (3, 3.0)]), 1.0);
        assert_eq!(of(&[(0, 1.0), (1, 2.0), (2, 2.0), (9, 3.0)]), 1.0, "a tie");
        assert_eq!(of(&[(0, 1.0), (1, 2.0), (2, 2.0), (9, 3.1)]), 0.75);
        assert_eq!(
            of(&[(0, 1.0), (0, 1.0), (0, 1.0), (0, 1.0)]),
            0.25,
            "a repeated one"
        );
        assert_eq!(of(&[]), 0.0);
        assert_eq!(
            of(&[(7, 9.0), (7, 9.0), (7, 9.0), (7, 9.0), (0, 1.0)]),
            0.0,
            "beyond the count asked for"
        );
        assert_eq!(recall(&[], &[]), 1.0);
    }
}
