//! Growths with a known truth.

use proptest::prelude::*;

use super::{Growth, Shape};
use crate::random::Random;

/// Sizes over two decades.
fn sizes(count: usize) -> Vec<f64> {
    let place = |i: usize| i as f64 / (count - 1) as f64;
    (0..count)
        .map(|i| (1000.0 * 100f64.powf(place(i))).round())
        .collect()
}

fn points(count: usize, f: impl Fn(f64) -> f64, mut noise: impl FnMut() -> f64) -> Vec<(f64, f64)> {
    sizes(count)
        .into_iter()
        .map(|n| (n, f(n) * f64::exp(noise())))
        .collect()
}

fn grown(f: impl Fn(f64) -> f64) -> Growth {
    Growth::fit(points(8, f, || 0.0)).unwrap()
}

/// The small brother of `examples/growth.rs`.
#[test]
fn the_true_model_is_found_and_followed() {
    type Truth = (Shape, fn(f64) -> f64);
    let truths: [Truth; 4] = [
        (Shape::Linear, |n| n),
        (Shape::Linearithmic, |n| n * n.ln()),
        (Shape::Power, |n| n.powf(1.5)),
        (Shape::Power, |n| n * n),
    ];
    let mut noise = Random::new(11);
    for (shape, f) in truths {
        let mut held = 0;
        for _ in 0..10 {
            let growth = Growth::fit(points(8, f, || 0.02 * noise.normal())).unwrap();
            let mut equivalent = growth.candidates.iter().filter(|c| c.equivalent);
            let found = equivalent.any(|candidate| candidate.curve.model.shape == shape);
            let far = growth.at(1e6);
            let contained = (far.low..=far.high).contains(&f(1e6));
            let narrow = far.high <= 1.2 * far.value && far.low >= 0.8 * far.value;
            held += u32::from(found && contained && narrow);
        }
        // 98 % over a thousand seeds.
        assert!(held >= 9, "{shape:?}: {held} of 10");
    }
}

#[test]
fn exact_curves_are_recovered() {
    let power = grown(|n| 5e-3 + 2e-6 * n.powf(1.5));
    let curve = power.chosen().curve;
    assert_eq!(curve.model.shape, Shape::Power);
    assert!((curve.a / 5e-3 - 1.0).abs() < 0.01, "{curve:?}");
    assert!((curve.b / 2e-6 - 1.0).abs() < 0.01, "{curve:?}");
    assert!((curve.k - 1.5).abs() < 1e-3, "{curve:?}");
    let linear = grown(|n| 3e6 + 24.0 * n);
    assert_eq!(linear.chosen().curve.model.to_string(), "a + b n");
    assert!((linear.chosen().curve.b - 24.0).abs() < 0.01);
    let log = grown(|n| 4.0 * n.ln());
    assert_eq!(log.chosen().curve.model.to_string(), "b log n");
}

#[test]
fn what_does_not_grow_has_an_exponent_of_nothing() {
    let mut noise = Random::new(5);
    let points = points(8, |_| 3e6, || 0.001 * noise.normal());
    let growth = Growth::fit(points).unwrap();
    assert_eq!(growth.chosen().curve.model.shape, Shape::Constant);
    let exponent = growth.exponent();
    assert_eq!(exponent.value, 0.0);
    assert!(exponent.low > -0.01 && exponent.high < 0.01, "{exponent:?}");
}

#[test]
fn fewer_sizes_tell_less() {
    let mut noise = Random::new(3);
    let many = points(12, |n| n, || 0.02 * noise.normal());
    let few: Vec<(f64, f64)> = [0, 4, 8, 11].iter().map(|i| many[*i]).collect();
    let width = |points: Vec<(f64, f64)>| {
        let exponent = Growth::fit(points).unwrap().exponent();
        exponent.high - exponent.low
    };
    assert!(width(few) > 2.0 * width(many));
}

#[test]
fn the_band_opens_with_the_distance() {
    let mut noise = Random::new(9);
    let growth = Growth::fit(points(8, |n| n.powf(1.5), || 0.02 * noise.normal())).unwrap();
    let spread = |n: f64| {
        let range = growth.at(n);
        (range.high / range.low).ln()
    };
    let spreads = [1e4, 1e5, 3e5, 1e6].map(spread);
    assert!(
        spreads.windows(2).all(|pair| pair[0] < pair[1]),
        "{spreads:?}"
    );
}

#[test]
fn what_cannot_be_fitted_says_why() {
    let of = |points: &[(f64, f64)]| Growth::fit(points.to_vec()).unwrap_err();
    assert!(of(&[(1.0, 1.0), (2.0, 2.0), (3.0, 3.0)]).starts_with("3 of at least 4 sizes"));
    let zero = of(&[(1.0, 1.0), (2.0, 0.0), (3.0, 3.0), (4.0, 3.0)]);
    assert_eq!(zero, "it is 0 at 2, and a growth is told of values above 0");
    assert!(of(&[(1.0, 1.0), (2.0, f64::NAN), (3.0, 3.0), (4.0, 3.0)]).contains("NaN at 2"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn units_change_nothing(
        ys in prop::collection::vec(0.1f64..10.0, 5),
        unit in prop::sample::select(vec![1e-9, 1e3, 1e12]),
    ) {
        let fit = |unit: f64| {
            let points = sizes(5).into_iter().zip(&ys).map(|(n, y)| (n, y * unit));
            Growth::fit(points.collect()).unwrap()
        };
        let (plain, scaled) = (fit(1.0), fit(unit));
        prop_assert_eq!(plain.chosen().curve.model, scaled.chosen().curve.model);
        let (a, b) = (plain.at(2e4), scaled.at(2e4));
        prop_assert!((b.value / a.value / unit - 1.0).abs() < 1e-3, "{:?} {:?}", a, b);
    }

    #[test]
    fn intervals_hold_their_estimates_whatever_was_measured(
        ys in prop::collection::vec(prop_oneof![1e-6f64..1e6, 1.0f64..1.001], 4..10),
    ) {
        let points: Vec<(f64, f64)> = sizes(ys.len()).into_iter().zip(ys).collect();
        let growth = Growth::fit(points).unwrap();
        let weights: f64 = growth.candidates.iter().map(|c| c.weight).sum();
        prop_assert!((weights - 1.0).abs() < 1e-9);
        for range in [growth.at(500.0), growth.at(1e6), growth.exponent()] {
            prop_assert!(range.low.is_finite() && range.high.is_finite());
            prop_assert!(range.low <= range.value && range.value <= range.high, "{:?}", range);
        }
    }
}
