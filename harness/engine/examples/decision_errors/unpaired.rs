//! The same gate by an unpaired comparison of means: Welch's interval for the ratio of two arithmetic
//! means (delta method), at the looks of the paired gate and with the error that each of them has.

use plimsoll::analyze::Looks;
use plimsoll::random::Random;
use plimsoll::scenario::Runs;

use super::noise::Noise;
use super::random::coin;

/// Most pairs that are tried.
pub(crate) const MOST: usize = 48_000;

/// Pairs after which the mean of runs of a program that takes `slowdown` times as long is found to
/// exceed 1.02 times the baseline's; None if it is not by [`MOST`]. Runs of both are interleaved in
/// random order, as those of the paired gate.
pub(crate) fn pairs_to_fail(
    noise: Noise,
    slowdown: f64,
    seed: u64,
    looks: &[(usize, f64)],
) -> Option<usize> {
    let mut stream = noise.begin(seed);
    let mut random = Random::new(seed);
    let (mut base, mut variant) = (Moments::default(), Moments::default());
    let mut done = 0;
    looks.iter().find_map(|&(at, z)| {
        for _ in done..at {
            let (first, second) = (stream.next(), stream.next());
            let (a, b) = if coin(&mut random) {
                (first, second)
            } else {
                (second, first)
            };
            base.add(a);
            variant.add(slowdown * b);
        }
        done = at;
        let log_ratio = (variant.mean / base.mean).ln();
        let error = (variant.relative_variance() + base.relative_variance()).sqrt();
        (log_ratio - z * error > 1.02_f64.ln()).then_some(at)
    })
}

/// The looks of a gate of [`MOST`] pairs, and the standard errors that a look's interval reaches to
/// each side in order to err as often as that of the medians.
pub(crate) fn looks() -> Vec<(usize, f64)> {
    let looks = Looks::new(Runs {
        min: 6,
        max: MOST as u32,
    });
    let mut at = 0;
    let mut all = Vec::new();
    while let Some(next) = looks.next_after(at) {
        at = next;
        if let Some(rank) = looks.rank(at) {
            // The sign test's own distance, in its standard errors: from the middle to the rank,
            // with the correction for continuity.
            let n = at as f64;
            all.push((at, (n / 2.0 - (rank as f64 - 0.5)) / (n.sqrt() / 2.0)));
        }
    }
    all
}

/// Mean and variance, updated value by value (B. P. Welford, *Technometrics* 4, 1962).
#[derive(Default)]
struct Moments {
    n: f64,
    mean: f64,
    squares: f64,
}

impl Moments {
    fn add(&mut self, value: f64) {
        self.n += 1.0;
        let off = value - self.mean;
        self.mean += off / self.n;
        self.squares += off * (value - self.mean);
    }

    /// The square of the mean's standard error as a share of the mean.
    fn relative_variance(&self) -> f64 {
        self.squares / (self.n - 1.0) / self.n / (self.mean * self.mean)
    }
}
