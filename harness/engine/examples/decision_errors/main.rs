//! Prints how often gates err and how many pairs they need: the figures of `docs/statistics.md`.
//! `cargo run --release -p plimsoll --example decision_errors [GATES]` (2,000 of each kind unless told)
#![allow(clippy::print_stdout, reason = "printing is what it is for")]

mod estimators;
mod gate;
mod heaps;
mod intervals;
mod noise;
mod random;
mod unpaired;

use std::sync::Mutex;

use gate::Gates;
use noise::Noise;
use plimsoll::rehearse::Ended;
use plimsoll::report::Verdict;

const PAIRS: u32 = 1_500;

fn main() {
    let gates: u64 = match std::env::args().nth(1).map(|gates| gates.parse()) {
        None => 2_000,
        Some(Ok(gates)) => gates,
        Some(Err(error)) => {
            println!("the number of gates: {error}");
            std::process::exit(2);
        }
    };
    intervals::print();
    estimators::print();
    heaps::print();

    println!("\n{gates} gates `at_most: 1.02 x baseline` of up to {PAIRS} pairs each");
    println!("a program against itself: verdicts, and pairs until the verdict");
    for noise in Noise::ALL {
        let ended = play(noise, 1.0, gates);
        let share = |verdict| {
            let with = ended.iter().filter(|ended| ended.verdict == verdict);
            100.0 * with.count() as f64 / ended.len() as f64
        };
        let pairs = ended.iter().map(|ended| ended.pairs).collect();
        println!(
            "  {:<14} fail {:>5.2} %  pass {:>5.1} %  inconclusive {:>5.1} %  pairs {}",
            noise.name(),
            share(Verdict::Fail),
            share(Verdict::Pass),
            share(Verdict::Inconclusive),
            quantiles(pairs, gates as usize),
        );
    }

    let looks = unpaired::looks();
    let held = hold_unpaired(&looks, gates);

    println!("a program that takes longer, against 1.02: fails, and pairs until the fail");
    for (noise, slowdown) in [
        (Noise::Recorded, 1.05),
        (Noise::Recorded, 1.10),
        (Noise::Recorded, 1.20),
        (Noise::LogNormal, 1.05),
        (Noise::LogNormal, 1.10),
        (Noise::LogNormal, 1.20),
        (Noise::HeavyTail, 1.05),
        (Noise::Bimodal, 1.05),
        (Noise::Drift, 1.05),
        (Noise::Autocorrelated, 1.05),
        (Noise::Periodic, 1.05),
    ] {
        let ended = play(noise, slowdown, gates);
        let failed: Vec<usize> = ended
            .iter()
            .filter(|ended| ended.verdict == Verdict::Fail)
            .map(|ended| ended.pairs)
            .collect();
        let within = |pairs| {
            let early = failed.iter().filter(|n| **n <= pairs).count();
            100.0 * early as f64 / ended.len() as f64
        };
        let percent = 100.0 * (slowdown - 1.0);
        println!(
            "  {:<14} +{percent:>2.0} %: {:>5.1} % by {PAIRS}, {:>5.1} % by 800, {:>5.1} % by 60; pairs {}",
            noise.name(),
            within(PAIRS as usize),
            within(800),
            within(60),
            quantiles(failed.clone(), gates as usize),
        );
        for (name, held) in [("", 1.0), (", held to 1 % on every noise", held)] {
            let means: Vec<usize> = in_parallel(gates, |seed| {
                unpaired::pairs_to_fail(noise, slowdown, seed, &looks, held)
            })
            .into_iter()
            .flatten()
            .collect();
            println!(
                "  {:<14}        unpaired means, up to {} pairs{name}: {}",
                "",
                unpaired::MOST,
                quantiles(means, gates as usize)
            );
        }
    }
}

/// Prints how often unpaired means fail a program against itself, and returns the share of the error
/// at which that is at most 1 % on each kind of noise, as it is for pairs. Without that the two
/// would be compared at different promises.
fn hold_unpaired(looks: &[(usize, f64)], gates: u64) -> f64 {
    println!("a program against itself by unpaired means at the same looks, up to {PAIRS} pairs");
    let short: Vec<_> = looks
        .iter()
        .copied()
        .filter(|look| look.0 <= PAIRS as usize)
        .collect();
    let mut least = f64::INFINITY;
    for noise in Noise::ALL {
        let mut shares = in_parallel(gates, |seed| unpaired::share_to_fail(noise, seed, &short));
        shares.sort_unstable_by(f64::total_cmp);
        let failed = shares.partition_point(|share| *share <= 1.0);
        // One gate in a hundred may fail; the next one may not.
        let kept = shares
            .get(gates as usize / 100)
            .map_or(1.0, |next| next * (1.0 - 1e-9));
        least = least.min(kept);
        println!(
            "  {:<14} fail {:>5.2} %  held to 1 % with {kept:.3} of the error",
            noise.name(),
            100.0 * failed as f64 / gates as f64
        );
    }
    least
}

fn play(noise: Noise, slowdown: f64, number: u64) -> Vec<Ended> {
    let gates = Gates::new(PAIRS);
    in_parallel(number, |seed| gates.play(noise, slowdown, seed))
}

/// What seeds 1 to `n` give, on all cores.
fn in_parallel<T: Send>(n: u64, each: impl Fn(u64) -> T + Sync) -> Vec<T> {
    let threads = std::thread::available_parallelism().map_or(1, |cores| cores.get() as u64);
    let all = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for thread in 0..threads {
            let (all, each) = (&all, &each);
            scope.spawn(move || {
                let mine: Vec<T> = (1..=n)
                    .filter(|seed| seed % threads == thread)
                    .map(each)
                    .collect();
                if let Ok(mut all) = all.lock() {
                    all.extend(mine);
                }
            });
        }
    });
    all.into_inner().unwrap_or_default()
}

/// The average (the average sample number of a sequential test), the median and the 95th percentile of
/// all gates, those not among `pairs` taken as larger than all.
fn quantiles(mut pairs: Vec<usize>, gates: usize) -> String {
    pairs.sort_unstable();
    let at = |share: f64| {
        let rank = (share * gates as f64).ceil() as usize;
        match pairs.get(rank.saturating_sub(1)) {
            Some(pairs) => pairs.to_string(),
            None => "more".to_owned(),
        }
    };
    let average = match pairs.len() == gates {
        true => format!("{:.0}", pairs.iter().sum::<usize>() as f64 / gates as f64),
        false => "more".to_owned(),
    };
    format!(
        "{average} (average), {} (median), {} (95 %)",
        at(0.5),
        at(0.95)
    )
}
