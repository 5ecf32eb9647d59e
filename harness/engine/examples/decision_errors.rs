//! Prints how often verdicts err where the truth lies exactly at the bound, and how much of what
//! they promise two kinds of interval keep: the figures of `docs/statistics.md`.
//! `cargo run --release -p plimsoll --example decision_errors`
#![allow(clippy::print_stdout, reason = "printing is what it is for")]

use plimsoll::analyze::{Looks, median, median_interval, order_statistic_rank};
use plimsoll::scenario::Runs;

const SESSIONS: u32 = 20_000;
const DRAWS: u32 = 400_000;
const MOST: usize = 40;

fn main() {
    println!("coverage of an interval for the median, computed");
    for (n, promised) in [
        (11, 0.95),
        (13, 0.95),
        (19, 0.95),
        (21, 0.9906),
        (41, 0.95),
        (61, 0.95),
        (101, 0.95),
    ] {
        let alpha = 1.0 - promised;
        let exact = order_statistic_rank(n, alpha).map_or(f64::NAN, |rank| coverage(n, rank));
        let bootstrap = coverage(n, bootstrap_rank(n, alpha));
        println!(
            "{n:>4} values, promised {:.2} %: order statistics {:.1} %, bootstrap {:.1} %",
            100.0 * promised,
            100.0 * exact,
            100.0 * bootstrap
        );
    }

    let looks = Looks::new(Runs {
        min: 6,
        max: MOST as u32,
    });
    let at_looks = |n: usize| looks.is_look(n).then(|| looks.alpha(n));
    let always = |n: usize| (n >= 6).then_some(0.05);
    let (pass, fail) = sessions(at_looks);
    println!("{SESSIONS} sessions at the bound, fixed looks: {pass:.1} % pass, {fail:.1} % fail");
    let (pass, fail) = sessions(always);
    println!("the same, 95 % after every run: {pass:.1} % pass, {fail:.1} % fail");

    println!("three values at the bound decide in favour of one given side, {DRAWS} draws each");
    type Draw = fn(&mut Random) -> f64;
    let noises: [(&str, Draw); 4] = [
        ("normal", Random::normal),
        ("Laplace", Random::laplace),
        ("Student's t, 2 degrees of freedom", Random::student2),
        ("uniform", |random| random.unit() - 0.5),
    ];
    for (name, draw) in noises {
        println!("{name}: {:.1} %", three_values(draw));
    }
}

/// P(Binomial(n, p) = k), by way of logarithms.
fn binomial(n: usize, p: f64, k: usize) -> f64 {
    let choose: f64 = (0..k).map(|i| ((n - i) as f64 / (i + 1) as f64).ln()).sum();
    (choose + k as f64 * p.ln() + (n - k) as f64 * (1.0 - p).ln()).exp()
}

/// Probability that the `rank`th smallest and largest of `n` values hold the median between them.
fn coverage(n: usize, rank: usize) -> f64 {
    1.0 - 2.0 * (0..rank).map(|k| binomial(n, 0.5, k)).sum::<f64>()
}

/// Where the percentile bootstrap of the median of an odd number of values begins: the smallest
/// rank that a resample's median is at or below with a probability of at least `alpha / 2`.
fn bootstrap_rank(n: usize, alpha: f64) -> usize {
    let at_or_below = |rank: usize| -> f64 {
        let p = rank as f64 / n as f64;
        (n / 2 + 1..=n).map(|k| binomial(n, p, k)).sum()
    };
    (1..n)
        .find(|rank| at_or_below(*rank) >= alpha / 2.0)
        .unwrap_or(n)
}

/// Percent of sessions that pass and that fail, where `alpha` says at which numbers of runs the
/// session looks, and with which error.
fn sessions(alpha: impl Fn(usize) -> Option<f64>) -> (f64, f64) {
    let mut random = Random(1);
    let (mut passed, mut failed) = (0, 0);
    for _ in 0..SESSIONS {
        let values: Vec<f64> = (0..MOST).map(|_| random.normal()).collect();
        let decided = (1..=MOST).find_map(|n| {
            let interval = median_interval(&values[..n], alpha(n)?)?;
            (interval.high < 0.0 || interval.low > 0.0).then_some(interval.high < 0.0)
        });
        match decided {
            Some(true) => passed += 1,
            Some(false) => failed += 1,
            None => {}
        }
    }
    let percent = |count: u32| 100.0 * f64::from(count) / f64::from(SESSIONS);
    (percent(passed), percent(failed))
}

/// Percent of draws of three values around 0 whose every value lies within half the distance
/// between their median and 0, and which lie below it.
fn three_values(draw: fn(&mut Random) -> f64) -> f64 {
    let mut random = Random(1);
    let wrong = (0..DRAWS).filter(|_| {
        let values = [draw(&mut random), draw(&mut random), draw(&mut random)];
        let middle = median(&values);
        middle < 0.0
            && values
                .iter()
                .all(|value| (value - middle).abs() <= -middle / 2.0)
    });
    100.0 * wrong.count() as f64 / f64::from(DRAWS)
}

/// SplitMix64 (G. L. Steele, D. Lea, C. H. Flood, OOPSLA 2014).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// Above 0, at most 1.
    fn unit(&mut self) -> f64 {
        ((self.next() >> 11) + 1) as f64 / (1u64 << 53) as f64
    }

    /// By the polar form of G. E. P. Box and M. E. Muller.
    fn normal(&mut self) -> f64 {
        let radius = (-2.0 * self.unit().ln()).sqrt();
        radius * (std::f64::consts::TAU * self.unit()).cos()
    }

    fn laplace(&mut self) -> f64 {
        -self.unit().ln() * if self.next() & 1 == 0 { 1.0 } else { -1.0 }
    }

    /// A normal value over the root of an exponential one.
    fn student2(&mut self) -> f64 {
        self.normal() / (-self.unit().ln()).sqrt()
    }
}
