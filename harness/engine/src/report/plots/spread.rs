//! Labels that do not overlap.

/// Moves labels apart so that they lie at least `gap` apart and within `low..=high`, each as near
/// to where it wants to be as the others let it: those in one clump share the way equally.
/// Returned in the order given. Where there is no room for all, the gap shrinks.
pub(super) fn spread(wanted: &[f64], gap: f64, low: f64, high: f64) -> Vec<f64> {
    let gap = match wanted.len() {
        0 | 1 => gap,
        n => gap.min((high - low) / (n - 1) as f64),
    };
    let mut order: Vec<usize> = (0..wanted.len()).collect();
    order.sort_by(|a, b| wanted[*a].total_cmp(&wanted[*b]));
    // Clumps of labels that touch: how many, and the sum of where each wants the first to be.
    let mut clumps: Vec<(usize, f64)> = Vec::new();
    let start = |(n, sum): (usize, f64)| {
        let last = (n - 1) as f64 * gap;
        (sum / n as f64).clamp(low, (high - last).max(low))
    };
    for index in &order {
        clumps.push((1, wanted[*index]));
        while let [.., before, last] = clumps[..] {
            if start(before) + before.0 as f64 * gap <= start(last) + 1e-9 {
                break;
            }
            let shift = before.0 as f64 * gap * last.0 as f64;
            clumps.truncate(clumps.len() - 2);
            clumps.push((before.0 + last.0, before.1 + last.1 - shift));
        }
    }
    let mut placed = vec![0.0; wanted.len()];
    let mut order = order.into_iter();
    for clump in clumps {
        for (step, index) in order.by_ref().take(clump.0).enumerate() {
            placed[index] = start(clump) + step as f64 * gap;
        }
    }
    placed
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn labels_with_room_stay_where_they_are() {
        assert_eq!(
            spread(&[10.0, 50.0, 30.0], 10.0, 0.0, 100.0),
            [10.0, 50.0, 30.0]
        );
    }

    #[test]
    fn labels_in_one_place_share_the_way() {
        assert_eq!(
            spread(&[50.0, 50.0, 50.0], 10.0, 0.0, 100.0),
            [40.0, 50.0, 60.0]
        );
        assert_eq!(spread(&[99.0, 100.0], 10.0, 0.0, 100.0), [90.0, 100.0]);
    }

    proptest! {
        #[test]
        fn no_two_overlap_and_all_are_inside(wanted in prop::collection::vec(-50.0..150.0f64, 0..20)) {
            let gap = 8f64.min(100.0 / (wanted.len().max(2) - 1) as f64);
            let mut placed = spread(&wanted, 8.0, 0.0, 100.0);
            placed.sort_by(f64::total_cmp);
            prop_assert!(placed.iter().all(|y| (-1e-6..=100.0 + 1e-6).contains(y)), "{placed:?}");
            prop_assert!(placed.windows(2).all(|w| w[1] - w[0] >= gap - 1e-6), "{placed:?}");
        }
    }
}
