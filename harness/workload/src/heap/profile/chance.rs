//! Chance: when the next sample falls due, and what a sample stands for. Sources are in the module's heading.

/// What one sampled allocation stands for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Weight {
    /// Estimated bytes.
    pub(super) bytes: f64,
    /// Estimated blocks.
    pub(super) blocks: f64,
    /// Estimated variance of `bytes`.
    pub(super) variance: f64,
}

impl Weight {
    /// Of an allocation of `size` bytes, at least 1, where one byte in `every` is picked.
    pub(super) fn of(size: u64, every: u64) -> Self {
        let size = size as f64;
        // 1 - exp(-x), without loss where x is small.
        let probability = -(-size / every as f64).exp_m1();
        let bytes = size / probability;
        Self {
            bytes,
            blocks: 1.0 / probability,
            variance: bytes * bytes * (1.0 - probability),
        }
    }
}

/// Random numbers: xorshift64* (Vigna 2016), good for far more draws than a thread makes.
pub(super) fn next(state: u64) -> (u64, u64) {
    let mut x = state;
    x ^= x >> 12;
    x ^= x << 25;
    x ^= x >> 27;
    (x, x.wrapping_mul(0x2545_F491_4F6C_DD1D))
}

/// A state to begin with, never 0: splitmix64 of the seed and the thread's number.
pub(super) fn seeded(seed: u64, thread: u64) -> u64 {
    let mut z = seed
        .wrapping_mul(0xD134_2543_DE82_EF95)
        .wrapping_add(thread.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15));
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    (z ^ (z >> 31)) | 1
}

/// Whole bytes until the next one that is picked, from a random number.
pub(super) fn gap(random: u64, every: u64) -> u64 {
    // (0, 1]: its logarithm is finite.
    let uniform = ((random >> 11) + 1) as f64 * (1.0 / (1u64 << 53) as f64);
    (-uniform.ln() * every as f64) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_stands_for_all_of_its_kind() {
        let small = Weight::of(16, 524_288);
        assert!((small.bytes - 524_296.0).abs() < 0.1, "{small:?}");
        assert!((small.blocks - 32_768.5).abs() < 0.1, "{small:?}");
        let large = Weight::of(64 << 20, 524_288);
        assert_eq!((large.bytes, large.blocks), ((64 << 20) as f64, 1.0));
        assert!(large.variance < 1e-30, "{large:?}");
    }

    /// What is picked of allocations of one size, as a thread picks: the estimate's mean is the truth, and its spread is
    /// what it says.
    #[test]
    fn estimates_are_unbiased_and_know_their_error() {
        const EVERY: u64 = 1000;
        for size in [1u64, 50, 1000, 3000] {
            let blocks = 200_000 / size + 20;
            let truth = (blocks * size) as f64;
            let (mut sum, mut squares, mut variances) = (0.0, 0.0, 0.0);
            let rounds = 2000;
            for round in 0..rounds {
                let mut state = seeded(7, round);
                let mut draw = || {
                    let (next, random) = next(state);
                    state = next;
                    gap(random, EVERY)
                };
                let mut left = draw();
                let mut estimate = 0.0;
                for _ in 0..blocks {
                    let due;
                    (left, due) = left.overflowing_sub(size);
                    if due {
                        let weight = Weight::of(size, EVERY);
                        estimate += weight.bytes;
                        variances += weight.variance;
                        left = draw();
                    }
                }
                sum += estimate;
                squares += (estimate - truth) * (estimate - truth);
            }
            let rounds = rounds as f64;
            let error = (squares / rounds).sqrt();
            let bias = sum / rounds - truth;
            // Four standard errors of the mean.
            assert!(bias.abs() < 4.0 * error / rounds.sqrt(), "{size}: {bias}");
            let told = (variances / rounds).sqrt();
            assert!((told / error - 1.0).abs() < 0.1, "{size}: {told} {error}");
        }
    }
}
