//! Exact distances of several vectors from several queries at once. Each of them is added in the order of
//! [`squared_distance`](super::squared_distance), and so has its bits: what runs side by side are distances, never parts of one.
//!
//! The same code is compiled for the wider registers that the processor at hand may have. None of it may use fused
//! multiply-add: the compiler does not introduce it, and no function here asks for it.
#![allow(
    unsafe_code,
    reason = "code for processor features is called once they are known to be there"
)]

/// Queries that are compared at once.
pub(super) const LANES: usize = 8;

/// Vectors that they are compared with at once.
pub(super) const VECTORS: usize = 4;

/// Coordinates of [`LANES`] queries, those of one place side by side.
pub(super) type Queries = [[f64; LANES]];

/// Distances of each vector from each query.
pub(super) type Distances = [[f64; LANES]; VECTORS];

/// Distances of vectors as long as the queries; coordinates that not all have are passed over.
pub(super) fn distances(vectors: [&[f32]; VECTORS], queries: &Queries) -> Distances {
    #[cfg(target_arch = "x86_64")]
    {
        if is_x86_feature_detected!("avx512f") {
            // SAFETY: the processor has what the function is compiled for.
            return unsafe { avx512(vectors, queries) };
        }
        if is_x86_feature_detected!("avx") {
            // SAFETY: as above.
            return unsafe { avx(vectors, queries) };
        }
    }
    any(vectors, queries)
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f")]
fn avx512(vectors: [&[f32]; VECTORS], queries: &Queries) -> Distances {
    any(vectors, queries)
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx")]
fn avx(vectors: [&[f32]; VECTORS], queries: &Queries) -> Distances {
    any(vectors, queries)
}

#[inline(always)]
fn any([a, b, c, d]: [&[f32]; VECTORS], queries: &Queries) -> Distances {
    let mut sums = Distances::default();
    for ((((query, a), b), c), d) in queries.iter().zip(a).zip(b).zip(c).zip(d) {
        for (sums, value) in sums.iter_mut().zip([a, b, c, d]) {
            for (sum, query) in sums.iter_mut().zip(query) {
                let difference = f64::from(*value) - query;
                *sum += difference * difference;
            }
        }
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::super::squared_distance;
    use super::*;

    #[test]
    fn all_code_paths_give_the_bits_of_the_plain_sum() {
        let number = |i: usize| ((i * 7919 + 13) % 1009) as f32 / 97.3 - 5.0;
        for dim in [0, 1, 2, 7, 64, 1536] {
            let vectors: Vec<Vec<f32>> = (0..VECTORS)
                .map(|v| (0..dim).map(|j| number(v * dim + j)).collect())
                .collect();
            let queries: Vec<Vec<f32>> = (0..LANES)
                .map(|q| (0..dim).map(|j| number(9999 + q * dim + j)).collect())
                .collect();
            let side_by_side: Vec<[f64; LANES]> = (0..dim)
                .map(|j| std::array::from_fn(|q| f64::from(queries[q][j])))
                .collect();
            let rows = std::array::from_fn(|v| &vectors[v][..]);
            for found in [distances(rows, &side_by_side), any(rows, &side_by_side)] {
                for (v, q) in (0..VECTORS).flat_map(|v| (0..LANES).map(move |q| (v, q))) {
                    let plain = squared_distance(&vectors[v], &queries[q]);
                    assert_eq!(found[v][q].to_bits(), plain.to_bits());
                }
            }
        }
    }
}
