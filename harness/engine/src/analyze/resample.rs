//! The bootstrap of the median, from a seed.

use super::interval::midpoint;

/// Resamples drawn: enough that the 0.25 % quantile rests on 25 of them.
const RESAMPLES: usize = 10_000;

/// SplitMix64: G. L. Steele, D. Lea, C. H. Flood, "Fast Splittable Pseudorandom Number
/// Generators", OOPSLA 2014.
#[derive(Debug, Clone)]
pub(crate) struct SplitMix64(u64);

impl SplitMix64 {
    /// A stream for this seed.
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next 64 bits.
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// An index below `n`, by multiplication: D. Lemire, "Fast Random Integer Generation in an
    /// Interval", 2019. Its bias, below `n / 2^64`, is left in.
    pub(crate) fn below(&mut self, n: usize) -> usize {
        ((u128::from(self.next()) * n as u128) >> 64) as usize
    }
}

/// Medians of resamples with replacement, ascending.
///
/// B. Efron and R. J. Tibshirani, *An Introduction to the Bootstrap*, 1993, chapter 13.
pub(super) fn bootstrap_medians(sorted: &[f64], seed: u64) -> Vec<f64> {
    let n = sorted.len();
    let mut random = SplitMix64::new(seed);
    // The values are sorted, so a resample's median is found among indices, by counting.
    let mut counts = vec![0_u32; n];
    let mut medians: Vec<f64> = (0..RESAMPLES)
        .map(|_| {
            counts.fill(0);
            for _ in 0..n {
                counts[random.below(n)] += 1;
            }
            let upper = value_at(&counts, sorted, n / 2);
            if n % 2 == 1 {
                upper
            } else {
                midpoint(value_at(&counts, sorted, n / 2 - 1), upper)
            }
        })
        .collect();
    medians.sort_by(f64::total_cmp);
    medians
}

/// The value at a rank, from 0, of a resample given by how often each value was drawn.
fn value_at(counts: &[u32], sorted: &[f64], rank: usize) -> f64 {
    let mut seen = 0;
    for (count, value) in counts.iter().zip(sorted) {
        seen += *count as usize;
        if seen > rank {
            return *value;
        }
    }
    f64::NAN
}
