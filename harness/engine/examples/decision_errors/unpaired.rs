//! The same gate by an unpaired comparison of means: the interval of B. L. Welch (*Biometrika* 34, 1947)
//! for the ratio of two arithmetic means (delta method), at the looks of the paired gate and with the
//! error that each of them has.

use plimsoll::analyze::Looks;
use plimsoll::random::Random;
use plimsoll::scenario::Runs;
use statrs::distribution::{Binomial, ContinuousCDF, DiscreteCDF, StudentsT};

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
    looks.iter().find_map(|&(at, alpha)| {
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
        let parts = [variant.relative_variance(), base.relative_variance()];
        let both = parts[0] + parts[1];
        let t = (log_ratio - 1.02_f64.ln()) / both.sqrt();
        let squares = parts.iter().map(|part| part * part).sum::<f64>();
        let freedom = both * both * (at - 1) as f64 / squares;
        let student = StudentsT::new(0.0, 1.0, freedom).ok()?;
        (student.sf(t) <= alpha).then_some(at)
    })
}

/// The looks of a gate of [`MOST`] pairs, and the error on one side of each interval of medians: that a
/// coin falls on one side fewer times than the rank that is its end.
pub(crate) fn looks() -> Vec<(usize, f64)> {
    let looks = Looks::new(Runs {
        min: 6,
        max: MOST as u32,
    });
    let mut at = 0;
    let mut all = Vec::new();
    while let Some(next) = looks.next_after(at) {
        at = next;
        if let (Some(rank), Ok(coin)) = (looks.rank(at), Binomial::new(0.5, at as u64)) {
            all.push((at, coin.cdf(rank as u64 - 1)));
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
