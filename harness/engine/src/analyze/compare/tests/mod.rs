//! What comparisons say of results made by hand.

mod counts;
mod pairing;
mod symmetry;
mod times;
mod work;

use super::testing::{result, value};
use super::{Choice, ResultSet, compare};
use crate::report::{Change, Comparison, Report};

fn against(old: Report, new: Report) -> Comparison {
    with(old, new, &Choice::default())
}

fn with(old: Report, mut new: Report, choice: &Choice) -> Comparison {
    if new.started == old.started {
        new.started = "2026-11-21T00:00:00Z".into();
    }
    let set = |name: &str, report| ResultSet {
        name: name.into(),
        results: vec![report],
    };
    compare(&[set("old", old), set("new", new)], &[], choice)
}

fn change<'a>(comparison: &'a Comparison, id: &str, metric: &str) -> &'a Change {
    let variants = &comparison.scenarios[0].variants;
    let variant = variants.iter().find(|variant| variant.id == id).unwrap();
    let found = variant.metrics.iter().find(|one| one.metric == metric);
    &found
        .unwrap_or_else(|| panic!("no {metric} of {id}"))
        .changes[0]
}

const NOISE: [f64; 8] = [1.0, 1.004, 0.998, 1.002, 0.996, 1.001, 0.999, 1.003];

fn scaled(by: f64) -> Vec<f64> {
    NOISE.iter().map(|value| value * by).collect()
}

/// `a` takes a second, `b` what is said; both on a machine of that speed.
fn times(b: f64, slowness: f64) -> Report {
    let mut report = result(&["a", "b"]);
    value(&mut report, "a", "wall", &scaled(slowness));
    let mut wall = scaled(b * slowness);
    wall.rotate_left(3);
    value(&mut report, "b", "wall", &wall);
    report
}
