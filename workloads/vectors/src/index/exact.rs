//! Exact distances, the ones that answers are ordered by.

use crate::truth::squared_distance;

/// The squared distances of `query` to `rows`, vectors of its length, one after the other.
///
/// Each is [`squared_distance`], to the bit. A sum waits for itself at every step, so that four are computed at a time.
pub(super) fn squared_distances(query: &[f32], rows: &[f32], mut take: impl FnMut(f64)) {
    let dim = query.len();
    let mut fours = rows.chunks_exact(4 * dim);
    for four in &mut fours {
        let row = |at: usize| &four[at * dim..][..dim];
        let [a, b, c, d] = [row(0), row(1), row(2), row(3)];
        let mut sums = [0.0_f64; 4];
        for (at, q) in query.iter().enumerate() {
            let q = f64::from(*q);
            for (sum, x) in sums.iter_mut().zip([a[at], b[at], c[at], d[at]]) {
                let t = q - f64::from(x);
                *sum += t * t;
            }
        }
        sums.into_iter().for_each(&mut take);
    }
    let rest = fours.remainder().chunks_exact(dim);
    rest.map(|row| squared_distance(query, row)).for_each(take);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::squared_distances;
    use crate::truth::squared_distance;

    proptest! {
        #[test]
        fn each_is_what_it_is_alone(
            (query, rows) in (1_usize..40, 0_usize..11).prop_flat_map(|(dim, rows)| (
                proptest::collection::vec(-1e3_f32..1e3, dim),
                proptest::collection::vec(-1e3_f32..1e3, dim * rows),
            )),
        ) {
            let plain = rows.chunks_exact(query.len()).map(|row| squared_distance(&query, row).to_bits());
            let mut found = Vec::new();
            squared_distances(&query, &rows, |distance| found.push(distance.to_bits()));
            prop_assert_eq!(found, plain.collect::<Vec<_>>());
        }
    }
}
