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
/// exceed 1.02 times the baseline's; None if it is not by the last look. Each look has the error it is
/// given here times `held`.
pub(crate) fn pairs_to_fail(
    noise: Noise,
    slowdown: f64,
    seed: u64,
    looks: &[(usize, f64)],
    held: f64,
) -> Option<usize> {
    errors(noise, slowdown, seed, looks)
        .find(|(_, share)| *share <= held)
        .map(|(at, _)| at)
}

/// The smallest share of each look's error at which a program fails against itself.
pub(crate) fn share_to_fail(noise: Noise, seed: u64, looks: &[(usize, f64)]) -> f64 {
    errors(noise, 1.0, seed, looks)
        .map(|(_, share)| share)
        .fold(f64::INFINITY, f64::min)
}

/// At each look the number of pairs, and the error at which it would fail the program, as a share of the
/// error that it has. Runs of both are interleaved in random order, as those of the paired gate.
fn errors(
    noise: Noise,
    slowdown: f64,
    seed: u64,
    looks: &[(usize, f64)],
) -> impl Iterator<Item = (usize, f64)> {
    let mut stream = noise.begin(seed);
    let mut random = Random::new(seed);
    let (mut base, mut variant) = (Moments::default(), Moments::default());
    let mut done = 0;
    looks.iter().filter_map(move |&(at, alpha)| {
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
        Some((at, student.sf(t) / alpha))
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
