//! The nearest of 256 centroids.

use super::codebook::CENTROIDS;
use crate::simd::{LANES, Lanes, Simd, with_lanes};

/// Registers whose sums are made at a time.
const GROUP: usize = 4;

/// Square distances of one vector from all centroids of a part.
pub(super) type Distances = [f32; CENTROIDS];

with_lanes! {
    /// Writes the square distances of `values` from all centroids, which lie value by value, and returns the least of them. They
    /// are added up in `f32` in ascending order.
    pub(super) fn distances(values: &[f32], by_value: &[f32], distances: &mut Distances) -> f32 = distances_by
}

/// # Safety
/// The processor has the instructions of `L`.
#[inline(always)]
unsafe fn distances_by<L: Lanes>(
    values: &[f32],
    by_value: &[f32],
    distances: &mut Distances,
) -> f32 {
    assert_eq!(by_value.len(), values.len() * CENTROIDS);
    // SAFETY: each load is of 16 of the 256 values of one row of the table.
    let least = unsafe {
        let mut least = L::all(f32::INFINITY);
        for (group, to) in distances
            .as_chunks_mut::<{ GROUP * LANES }>()
            .0
            .iter_mut()
            .enumerate()
        {
            let mut sums = [L::all(0.0); GROUP];
            for (at, &value) in values.iter().enumerate() {
                let value = L::all(value);
                let row = by_value
                    .as_ptr()
                    .add(at * CENTROIDS + group * GROUP * LANES);
                for (lane, sum) in sums.iter_mut().enumerate() {
                    let difference = value.sub(L::load(row.add(lane * LANES)));
                    *sum = sum.add(difference.mul(difference));
                }
            }
            for (sum, to) in sums.into_iter().zip(to.as_chunks_mut::<LANES>().0) {
                least = least.min(sum);
                *to = sum.array();
            }
        }
        least.array()
    };
    least.into_iter().fold(
        f32::INFINITY,
        |least, sum| if sum < least { sum } else { least },
    )
}

with_lanes! {
    /// A bit for each distance that is at most `most`, in 16 words of 16.
    fn within(distances: &Distances, most: f32) -> [u16; CENTROIDS / LANES] = within_by
}

/// # Safety
/// The processor has the instructions of `L`.
#[inline(always)]
unsafe fn within_by<L: Lanes>(distances: &Distances, most: f32) -> [u16; CENTROIDS / LANES] {
    let mut words = [0; CENTROIDS / LANES];
    // SAFETY: 16 distances from each place are within the table.
    unsafe {
        let most = L::all(most);
        // A loop: the compiler leaves a closure of these instructions a call.
        for (at, bits) in words.iter_mut().enumerate() {
            *bits = L::load(distances.as_ptr().add(at * LANES)).at_most(most);
        }
    }
    words
}

/// The first of the codes whose distance is `least`.
pub(super) fn first(simd: Simd, distances: &Distances, least: f32) -> u8 {
    let words = within(simd, distances, least);
    let at = words.iter().position(|&bits| bits != 0).unwrap_or_default();
    (at * LANES + (words[at].trailing_zeros() as usize) % LANES) as u8
}

/// The nearest centroid, of equally near ones the first, by distances added up in `f64` in ascending order.
///
/// Those in `f32` tell which can be the nearest; where there are several, it is measured again.
pub(super) fn nearest(
    simd: Simd,
    values: &[f32],
    by_value: &[f32],
    centroid: impl Fn(u8) -> f64,
) -> u8 {
    let mut sums = [0.0; CENTROIDS];
    let least = distances(simd, values, by_value, &mut sums);
    // A sum of n squares is off by less than (n + 3) / 2^24 of itself, unless it is subnormal or overflows.
    let margin = ((values.len() + 3) as f32 * 2.0_f32.powi(-22)).max(2e-5);
    let most = if least > 1e-30 && least < 1e30 {
        least * (1.0 + margin)
    } else {
        f32::INFINITY
    };
    let words = within(simd, &sums, most);
    if words.iter().map(|bits| bits.count_ones()).sum::<u32>() == 1 {
        return first(simd, &sums, most);
    }
    let mut best = (f64::INFINITY, 0);
    for code in 0..=u8::MAX {
        let bits = words[usize::from(code) / LANES];
        if bits >> (usize::from(code) % LANES) & 1 == 1 {
            let distance = centroid(code);
            if distance < best.0 {
                best = (distance, code);
            }
        }
    }
    best.1
}

/// The square distance of two vectors, added up in `f64` in ascending order.
pub(super) fn exact(values: &[f32], centroid: &[f32]) -> f64 {
    let pairs = values.iter().zip(centroid);
    pairs.fold(0.0, |sum, (&value, &other)| {
        let difference = f64::from(value) - f64::from(other);
        sum + difference * difference
    })
}
