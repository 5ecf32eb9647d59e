//! How often comparisons of simulated sessions raise a false alarm, and what they find.

use super::testing::{result, value};
use super::{Choice, ResultSet, compare};
use crate::random::Random;
use crate::report::{Difference, Report};

/// A machine as sessions see it; all deviations in logarithms.
struct Machine {
    /// Of a session's speed.
    drift: f64,
    /// Of what a session treats one variant differently by.
    favour: f64,
    /// Of one run.
    run: f64,
    /// Of what the runs of one round have in common; it changes slowly.
    round: f64,
    pairs: usize,
}

/// Noise as on a shared machine of two cores.
const SHARED: Machine = Machine {
    drift: 0.02,
    favour: 0.004,
    run: 0.05,
    round: 0.10,
    pairs: 20,
};

impl Machine {
    /// A session in which `b` takes `factor` times what it should.
    fn session(&self, noise: &mut Random, number: usize, factor: f64) -> Report {
        let speed = self.drift * noise.normal();
        let favour = self.favour * noise.normal();
        let mut common = 0.0;
        let (mut base, mut variant) = (Vec::new(), Vec::new());
        for _ in 0..self.pairs {
            common = 0.8 * common + 0.6 * self.round * noise.normal();
            // A tail heavier than normal: one run in twenty is disturbed.
            let mut run = || {
                let disturbed = if noise.share() < 0.05 { 4.0 } else { 1.0 };
                self.run * disturbed * noise.normal()
            };
            base.push((speed + common + run()).exp());
            variant.push((speed + favour + common + run()).exp() * factor);
        }
        let mut report = result(&["a", "b"]);
        report.started = format!("{number:05}");
        value(&mut report, "a", "wall", &base);
        value(&mut report, "b", "wall", &variant);
        report
    }
}

/// How often `b` and the baseline are said to differ in `times` comparisons of two sessions, the later one of which
/// takes `factor` times as long.
fn alarms(machine: &Machine, history: usize, factor: f64, times: usize) -> (usize, usize) {
    let mut noise = Random::new(20_261_122);
    let (mut of_variant, mut of_baseline) = (0, 0);
    for _ in 0..times {
        let stored: Vec<Report> = (0..history)
            .map(|n| machine.session(&mut noise, n, 1.0))
            .collect();
        let mut set = |name: &str, number, factor| ResultSet {
            name: name.into(),
            results: vec![machine.session(&mut noise, number, factor)],
        };
        let sets = [set("old", 90_000, 1.0), set("new", 90_001, factor)];
        let comparison = compare(&sets, &stored, &Choice::default());
        let said =
            |place: usize| comparison.scenarios[0].variants[place].metrics[0].changes[0].verdict;
        let alarm = |verdict| matches!(verdict, Difference::Improved | Difference::Regressed);
        of_baseline += usize::from(alarm(said(0)));
        of_variant += usize::from(alarm(said(1)));
    }
    (of_baseline, of_variant)
}

/// At 99 %, three standard errors of 1,000 comparisons are 0.9 %.
#[test]
fn equal_sessions_raise_no_more_alarms_than_promised() {
    let (of_baseline, of_variant) = alarms(&SHARED, 0, 1.0, 1_000);
    assert!(of_variant <= 19, "{of_variant} of 1,000");
    assert!(of_baseline <= 19, "{of_baseline} of 1,000");
}

/// A machine whose sessions differ by more than is assumed is learned from.
#[test]
fn a_machine_that_drifts_more_is_learned() {
    let drifting = Machine {
        drift: 0.08,
        ..SHARED
    };
    let (untaught, _) = alarms(&drifting, 0, 1.0, 300);
    let (taught, _) = alarms(&drifting, 10, 1.0, 300);
    assert!(untaught > 10, "{untaught} of 300 is nothing to be learned");
    assert!(taught <= 8, "{taught} of 300 with ten sessions stored");
}

#[test]
fn a_regression_of_a_fifth_is_found_through_the_drift() {
    let (of_baseline, found) = alarms(&SHARED, 0, 1.2, 200);
    assert!(found >= 190, "{found} of 200");
    assert!(
        of_baseline <= 6,
        "the baseline did not change: {of_baseline} of 200"
    );
}
