//! How much of what they promise two kinds of interval keep, and what decides wrongly at the bound.

use plimsoll::analyze::{Looks, median, order_statistic_rank};
use plimsoll::random::Random;
use plimsoll::scenario::Runs;

use super::random::{coin, laplace, student2};

const SESSIONS: u32 = 20_000;
const DRAWS: u32 = 400_000;

pub(crate) fn print() {
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

    println!("{SESSIONS} sessions of up to 1,500 pairs, the truth at the bound: share that fails");
    let looks = Looks::new(Runs { min: 6, max: 1_500 });
    let ours = |n: usize| looks.is_look(n).then(|| looks.rank(n)).flatten();
    let plain: Vec<Option<usize>> = (0..=1_500).map(|n| order_statistic_rank(n, 0.02)).collect();
    println!("  fixed looks: {:.2} %", wrongly_failed(ours, false, false));
    let every = |n: usize| plain[n];
    println!(
        "  98 % after every pair: {:.1} %",
        wrongly_failed(every, false, false)
    );
    println!("a disturbance that favours the first of a round and then the second, in turn");
    println!(
        "  each round's order by its own coin: {:.2} %",
        wrongly_failed(ours, true, false)
    );
    println!(
        "  every second round in reverse order: {:.2} %",
        wrongly_failed(ours, true, true)
    );

    println!(
        "values at the bound that agree closely in favour of one given side, {DRAWS} draws each"
    );
    type Draw = fn(&mut Random) -> f64;
    let noises: [(&str, Draw); 4] = [
        ("normal", Random::normal),
        ("Laplace", laplace),
        ("Student's t, 2 degrees of freedom", student2),
        ("uniform", |random| random.unit() - 0.5),
    ];
    for (name, draw) in noises {
        let [three, six] = [3, 6].map(|n| agreeing(n, draw));
        println!("  {name}: three {three:.1} %, six {six:.3} %");
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

/// Percent of sessions that fail although the truth lies at the bound, where `rank` says which rank
/// the interval has, at a look. `in_turn`: in even rounds the second half is slower, in odd
/// ones the first. `couples`: the order of odd rounds is the reverse of the one before.
fn wrongly_failed(rank: impl Fn(usize) -> Option<usize>, in_turn: bool, couples: bool) -> f64 {
    let mut random = Random::new(1);
    let failed = (0..SESSIONS).filter(|_| {
        let mut below = 0;
        let mut variant_second = false;
        (1..=1_500).any(|n| {
            let odd = n % 2 == 0;
            variant_second = match couples && odd {
                true => !variant_second,
                false => coin(&mut random),
            };
            let second_slower = match in_turn {
                true => !odd,
                false => coin(&mut random),
            };
            below += usize::from(variant_second != second_slower);
            rank(n).is_some_and(|rank| below < rank)
        })
    });
    100.0 * failed.count() as f64 / f64::from(SESSIONS)
}

/// Percent of draws of `n` values around 0 whose every value lies within half the distance
/// between their median and 0, and which lie below it.
fn agreeing(n: usize, draw: fn(&mut Random) -> f64) -> f64 {
    let mut random = Random::new(1);
    let wrong = (0..DRAWS).filter(|_| {
        let values: Vec<f64> = (0..n).map(|_| draw(&mut random)).collect();
        let middle = median(&values);
        middle < 0.0
            && values
                .iter()
                .all(|value| (value - middle).abs() <= -middle / 2.0)
    });
    100.0 * wrong.count() as f64 / f64::from(DRAWS)
}
