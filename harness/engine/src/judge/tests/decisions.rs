//! How often noise alone decides wrongly.

use crate::analyze::{Estimate, Looks, median, median_interval};
use crate::judge::decide::{Side, decide};
use crate::report::Verdict;
use crate::scenario::Runs;

/// Normal noise by the quantiles of a Weyl sequence: even, and the same on every machine.
fn normal(step: &mut u64) -> f64 {
    *step = step.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *step;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    let uniform = |bits: u64| (bits >> 11) as f64 / (1_u64 << 53) as f64;
    let radius = (-2.0 * (1.0 - uniform(z ^ (z >> 31))).ln()).sqrt();
    radius * (std::f64::consts::TAU * uniform(z.wrapping_mul(0xd134_2543_de82_ef95))).cos()
}

/// The share of sessions with a true value at the bound that end in a wrong pass.
fn wrongly_passed(sessions: u32, mut session: impl FnMut(&mut u64) -> Verdict) -> f64 {
    let mut step = 7;
    let wrong = (0..sessions).filter(|_| session(&mut step) == Verdict::Pass);
    wrong.count() as f64 / f64::from(sessions)
}

#[test]
fn three_values_at_the_bound_pass_in_few_percent_of_cases() {
    let looks = Looks::new(Runs { min: 3, max: 3 });
    let rate = wrongly_passed(20_000, |step| {
        let values: Vec<f64> = (0..3).map(|_| normal(step)).collect();
        decide(&Estimate::new(&values, &looks, 1), 0.0, Side::AtMost, "run").verdict
    });
    // Two-sided 4.4 % were found over 400,000 draws: 2.2 % a side.
    assert!((0.018..0.026).contains(&rate), "{rate}");
}

#[test]
fn looking_again_and_again_stays_within_the_total() {
    let runs = Runs { min: 6, max: 40 };
    let looks = Looks::new(runs);
    let rate = wrongly_passed(4_000, |step| {
        let mut values = Vec::new();
        for n in 1..=40 {
            values.push(normal(step));
            if looks.is_look(n) {
                let decision = decide(&Estimate::new(&values, &looks, 1), 0.0, Side::AtMost, "run");
                if decision.verdict != Verdict::Inconclusive {
                    return decision.verdict;
                }
            }
        }
        Verdict::Inconclusive
    });
    // Half of the 5 % are the wrong passes; three standard errors of 4,000 sessions are 0.7 %.
    assert!(rate <= 0.025 + 0.007, "{rate}");
    // What the same sessions would do with a plain 95 % interval at every run.
    let naive = wrongly_passed(4_000, |step| {
        let mut values = Vec::new();
        for _ in 1..=40 {
            values.push(normal(step));
            if let Some(interval) = median_interval(&values, 0.05, 1)
                && !(interval.low..=interval.high).contains(&0.0)
            {
                let below = median(&values) < 0.0;
                return if below { Verdict::Pass } else { Verdict::Fail };
            }
        }
        Verdict::Inconclusive
    });
    assert!(naive > 2.0 * rate, "{naive} against {rate}");
}

#[test]
fn a_value_at_the_bound_is_inside() {
    let looks = Looks::new(Runs { min: 6, max: 6 });
    let same = Estimate::new(&[2.0; 6], &looks, 1);
    assert_eq!(
        decide(&same, 2.0, Side::AtMost, "run").verdict,
        Verdict::Pass
    );
    assert_eq!(
        decide(&same, 2.0, Side::AtLeast, "run").verdict,
        Verdict::Pass
    );
    assert_eq!(
        decide(&same, 1.9, Side::AtMost, "run").verdict,
        Verdict::Fail
    );
}

#[test]
fn a_bound_too_close_to_tell_is_said_to_be() {
    let looks = Looks::new(Runs { min: 6, max: 6 });
    let estimate = Estimate::new(&[1.0, 2.0, 3.0, 3.0, 4.0, 5.0], &looks, 1);
    let decision = decide(&estimate, 3.001, Side::AtMost, "pair");
    assert_eq!(
        decision.reason.unwrap(),
        "the interval straddles the bound; it is too close for more runs to tell"
    );
}
