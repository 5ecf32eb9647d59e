//! How far three estimates of a ratio scatter, from the same pairs.

use plimsoll::analyze::median;
use plimsoll::random::Random;

use super::noise::Noise;
use super::random::coin;

const SESSIONS: u64 = 2_000;

pub(crate) fn print() {
    println!("\nstandard error of a ratio of a program to itself, {SESSIONS} sessions each");
    for noise in [Noise::Recorded, Noise::LogNormal] {
        for pairs in [40, 100] {
            let estimates = super::in_parallel(SESSIONS, |seed| {
                let ratios = log_ratios(noise, pairs, seed);
                let mean = ratios.iter().sum::<f64>() / pairs as f64;
                [median(&ratios), hodges_lehmann(&ratios), mean]
            });
            let [middle, walsh, mean] = [0, 1, 2].map(|which| {
                let squares = estimates.iter().map(|of| of[which] * of[which]);
                100.0 * (squares.sum::<f64>() / estimates.len() as f64).sqrt()
            });
            println!(
                "  {:<14} {pairs:>3} pairs: median {middle:.2} %, Hodges and Lehmann {walsh:.2} %, mean {mean:.2} %",
                noise.name()
            );
        }
    }
}

/// Logarithms of the ratios of pairs, the order within each by a coin.
fn log_ratios(noise: Noise, pairs: usize, seed: u64) -> Vec<f64> {
    let mut stream = noise.begin(seed);
    let mut random = Random::new(seed);
    let ratios = (0..pairs).map(|_| {
        let (first, second) = (stream.next(), stream.next());
        let ratio = (first / second).ln();
        if coin(&mut random) { ratio } else { -ratio }
    });
    ratios.collect()
}

/// The median of the means of all pairs of values, each with itself too.
fn hodges_lehmann(values: &[f64]) -> f64 {
    let means = values.iter().enumerate().flat_map(|(at, a)| {
        let others = &values[at..];
        others.iter().map(move |b| f64::midpoint(*a, *b))
    });
    median(&means.collect::<Vec<_>>())
}
