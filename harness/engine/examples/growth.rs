//! Prints how often the true growth is found, and how well it is followed to ten times the largest
//! size: the figures of `docs/statistics.md`, "Growth".
//! `cargo run --release -p plimsoll --example growth`
#![allow(clippy::print_stdout, reason = "printing is what it is for")]

use plimsoll::analyze::{Growth, Shape, median};
use plimsoll::random::Random;

const SIZES: usize = 8;
const NOISE: f64 = 0.02;
/// How far an interval may reach either side of its estimate.
const NARROW: f64 = 0.2;

/// A growth, the shape that it is, and its exponent at the largest size.
struct Truth {
    name: &'static str,
    shape: Shape,
    at: fn(f64) -> f64,
}

const TRUTHS: [Truth; 4] = [
    Truth {
        name: "n",
        shape: Shape::Linear,
        at: |n| n,
    },
    Truth {
        name: "n log n",
        shape: Shape::Linearithmic,
        at: |n| n * n.ln(),
    },
    Truth {
        name: "n^1.5",
        shape: Shape::Power,
        at: |n| n.powf(1.5),
    },
    Truth {
        name: "n^2",
        shape: Shape::Power,
        at: |n| n * n,
    },
];

fn main() {
    println!(
        "{SIZES} sizes over two decades, {} % noise; followed to 10 times the largest",
        100.0 * NOISE
    );
    println!(
        "found: the true model is chosen, or among those equivalent over the range; followed: the\n\
         interval has the truth in it and reaches no further than {} % from its estimate",
        100.0 * NARROW
    );
    for seeds in [100, 1000] {
        for from in [100.0, 1000.0] {
            for runs in [1, 3] {
                println!(
                    "\n{seeds} seeds, from {from}, {runs} run{} of each size",
                    if runs == 1 { "" } else { "s" }
                );
                println!(
                    "   truth   chosen    found  in interval   all   half width, median and 95 %"
                );
                for truth in &TRUTHS {
                    row(truth, seeds, from, runs);
                }
            }
        }
    }
}

fn row(truth: &Truth, seeds: u64, from: f64, runs: usize) {
    let (mut chosen, mut found, mut contained, mut all) = (0, 0, 0, 0);
    let mut widths = Vec::new();
    for seed in 0..seeds {
        let mut random = Random::new(seed.wrapping_mul(7919).wrapping_add(13));
        let points = (0..SIZES).map(|place| {
            let share = place as f64 / (SIZES - 1) as f64;
            let n = (from * 100f64.powf(share)).round();
            let values: Vec<f64> = (0..runs)
                .map(|_| (truth.at)(n) * (NOISE * random.normal()).exp())
                .collect();
            (n, median(&values))
        });
        let Ok(growth) = Growth::fit(points.collect()) else {
            continue;
        };
        let far = 1000.0 * from;
        let range = growth.at(far);
        let is = growth.chosen().curve.model.shape == truth.shape;
        let mut equivalent = growth.candidates.iter().filter(|c| c.equivalent);
        let among = equivalent.any(|candidate| candidate.curve.model.shape == truth.shape);
        let inside = (range.low..=range.high).contains(&(truth.at)(far));
        let width = (range.high / range.value - 1.0).max(1.0 - range.low / range.value);
        chosen += u32::from(is);
        found += u32::from(among);
        contained += u32::from(inside);
        all += u32::from(among && inside && width <= NARROW);
        widths.push(width);
    }
    widths.sort_by(f64::total_cmp);
    println!(
        "{:>8} {chosen:>8} {found:>8} {contained:>12} {all:>5}   {:.1} % {:.1} %",
        truth.name,
        100.0 * median(&widths),
        100.0 * widths[widths.len() * 95 / 100]
    );
}
