//! How often several modes are seen, where there is one and where there are two.

use plimsoll::analyze::modes;
use plimsoll::random::Random;

use super::noise::Noise;

const SAMPLES: u64 = 2_000;

pub(crate) fn print() {
    println!("\nsamples of which several modes are said, {SAMPLES} of each kind");
    type Draw = fn(&mut Random) -> f64;
    let single: [(&str, Draw); 3] = [
        ("uniform", |random| 1.0 + random.unit()),
        ("normal", |random| 10.0 + random.normal()),
        ("exponential", |random| -random.unit().ln()),
    ];
    for (name, draw) in single {
        row(name, |n, seed| {
            let mut random = Random::new(seed);
            (0..n).map(|_| draw(&mut random)).collect()
        });
    }
    for noise in Noise::ALL {
        row(noise.name(), |n, seed| {
            let mut stream = noise.begin(seed);
            (0..n).map(|_| stream.next()).collect()
        });
    }
}

fn row(name: &str, sample: impl Fn(usize, u64) -> Vec<f64> + Sync) {
    let shares = [50, 200, 1_000].map(|n| {
        let several = super::in_parallel(SAMPLES, |seed| modes(&sample(n, seed)).len() > 1);
        let several = several.iter().filter(|several| **several).count();
        format!(
            "{:.2} % of {n} runs",
            100.0 * several as f64 / SAMPLES as f64
        )
    });
    println!("  {name:<14} {}", shares.join(", "));
}
