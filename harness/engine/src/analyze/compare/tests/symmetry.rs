//! What holds whatever the figures are.

use proptest::prelude::*;

use super::{against, change};
use crate::analyze::compare::testing::{result, value};
use crate::report::{Difference, Report};

fn walls() -> impl Strategy<Value = Vec<(f64, f64)>> {
    prop::collection::vec((0.5..2.0_f64, 0.5..2.0_f64), 1..12)
}

fn of_pairs(pairs: &[(f64, f64)], unit: f64) -> Report {
    let mut report = result(&["a", "b"]);
    let (a, b): (Vec<f64>, Vec<f64>) = pairs.iter().map(|(a, b)| (a * unit, b * unit)).unzip();
    for name in ["wall", "peak_rss"] {
        value(&mut report, "a", name, &a);
        value(&mut report, "b", name, &b);
    }
    report
}

fn inverse(verdict: Difference) -> Difference {
    match verdict {
        Difference::Improved => Difference::Regressed,
        Difference::Regressed => Difference::Improved,
        other => other,
    }
}

fn near(a: Option<f64>, b: Option<f64>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => (a - b).abs() <= 1e-9 * a.abs().max(b.abs()),
        (a, b) => a == b,
    }
}

const ROWS: [(&str, &str); 4] = [
    ("a", "wall"),
    ("b", "wall"),
    ("a", "peak_rss"),
    ("b", "peak_rss"),
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn turning_old_and_new_round_turns_everything_round(old in walls(), new in walls()) {
        let there = against(of_pairs(&old, 1.0), of_pairs(&new, 1.0));
        let back = against(of_pairs(&new, 1.0), of_pairs(&old, 1.0));
        for (id, metric) in ROWS {
            let (there, back) = (change(&there, id, metric), change(&back, id, metric));
            prop_assert_eq!(there.verdict, inverse(back.verdict));
            prop_assert!(near(there.ratio, back.ratio.map(f64::recip)), "{there:?} {back:?}");
            prop_assert!(near(there.low, back.high.map(f64::recip)), "{there:?} {back:?}");
        }
    }

    #[test]
    fn the_unit_is_irrelevant(old in walls(), new in walls(), unit in 1e-3..1e3_f64) {
        let plain = against(of_pairs(&old, 1.0), of_pairs(&new, 1.0));
        let other = against(of_pairs(&old, unit), of_pairs(&new, unit));
        for (id, metric) in ROWS {
            let (a, b) = (change(&plain, id, metric), change(&other, id, metric));
            prop_assert_eq!(a.verdict, b.verdict);
            prop_assert!(near(a.ratio, b.ratio) && near(a.low, b.low) && near(a.high, b.high));
        }
    }

    #[test]
    fn a_result_does_not_differ_from_itself(values in walls()) {
        let comparison = against(of_pairs(&values, 1.0), of_pairs(&values, 1.0));
        for (id, metric) in ROWS {
            let change = change(&comparison, id, metric);
            prop_assert_eq!(change.verdict, Difference::NoDifference);
            prop_assert_eq!(change.ratio, Some(1.0));
        }
    }

    /// Worse figures never make a verdict better.
    #[test]
    fn slower_is_never_better(old in walls(), new in walls(), by in 1.0..3.0_f64) {
        let place = |verdict| match verdict {
            Difference::Improved => 0,
            Difference::NoDifference | Difference::Inconclusive => 1,
            _ => 2,
        };
        let slower: Vec<(f64, f64)> = new.iter().map(|(a, b)| (*a, b * by)).collect();
        let before = against(of_pairs(&old, 1.0), of_pairs(&new, 1.0));
        let after = against(of_pairs(&old, 1.0), of_pairs(&slower, 1.0));
        for metric in ["wall", "peak_rss"] {
            let (before, after) = (change(&before, "b", metric), change(&after, "b", metric));
            prop_assert!(place(before.verdict) <= place(after.verdict), "{before:?} {after:?}");
        }
    }
}
