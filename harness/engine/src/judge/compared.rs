//! What a comparison amounts to for whoever called it.

use plimsoll_workload::Better;

use super::ExitCode;
use crate::report::{Change, Comparison, Difference};

/// The exit code of a comparison. Without a gate it is only told, and always 0.
///
/// With one: 1 where a metric is surely worse by more than it lets pass, or a variant no longer completes; 3
/// where a metric of the first result is no longer measured, or nothing was compared at all; 4, under
/// `strict`, where a metric may be worse by more.
pub fn gate(comparison: &Comparison, strict: bool) -> ExitCode {
    let Some(above) = comparison.fail_above else {
        return ExitCode::Held;
    };
    let variants = || {
        comparison
            .scenarios
            .iter()
            .flat_map(|scenario| &scenario.variants)
    };
    let changes = || {
        let metrics = variants().flat_map(|variant| &variant.metrics);
        metrics.flat_map(|metric| metric.changes.iter().map(move |change| (metric, change)))
    };
    let lost = variants()
        .flat_map(|variant| &variant.endings)
        .any(|ending| ending.verdict == Difference::Regressed);
    if lost || changes().any(|(metric, change)| surely(change, metric.better, above)) {
        return ExitCode::Failed;
    }
    let gone = changes().any(|(metric, change)| metric.old.is_some() && change.new.is_none());
    if gone || changes().next().is_none() {
        return ExitCode::NotMeasured;
    }
    if strict && changes().any(|(metric, change)| perhaps(change, metric.better, above)) {
        return ExitCode::Inconclusive;
    }
    ExitCode::Held
}

/// Whether a change is for the worse and all of its interval beyond the gate.
fn surely(change: &Change, better: Better, above: f64) -> bool {
    if change.verdict != Difference::Regressed {
        return false;
    }
    match (change.low, change.high) {
        (Some(low), Some(high)) => least_worsening(better, low, high) > above,
        // From 0 to something: beyond every share.
        _ => true,
    }
}

/// Whether a change may be for the worse by more than the gate lets pass.
fn perhaps(change: &Change, better: Better, above: f64) -> bool {
    if better == Better::Neither || change.verdict == Difference::Absent {
        return false;
    }
    match (change.low, change.high) {
        (Some(low), Some(high)) => most_worsening(better, low, high) > above,
        _ => change.verdict == Difference::Inconclusive,
    }
}

/// By how much, as a share, a metric whose ratio lies between these is worse at least.
fn least_worsening(better: Better, low: f64, high: f64) -> f64 {
    match better {
        Better::Higher => high.recip() - 1.0,
        Better::Lower | Better::Neither => low - 1.0,
    }
}

fn most_worsening(better: Better, low: f64, high: f64) -> f64 {
    least_worsening(better, high, low)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyze::compare_testing::{result, value};
    use crate::analyze::{Choice, ResultSet, compare};
    use crate::evidence::Outcome;
    use crate::report::Report;

    fn peaks(peak: f64) -> Report {
        let mut report = result(&["a", "b"]);
        value(&mut report, "b", "peak_rss", &[peak; 5]);
        value(&mut report, "b", "allocations", &[100.0]);
        report
    }

    fn code(old: Report, new: Report, above: Option<f64>, strict: bool) -> ExitCode {
        let set = |name: &str, report| ResultSet {
            name: name.into(),
            results: vec![report],
        };
        let choice = Choice {
            fail_above: above,
            ..Choice::default()
        };
        gate(
            &compare(&[set("old", old), set("new", new)], &[], &choice),
            strict,
        )
    }

    #[test]
    fn only_what_is_surely_beyond_the_gate_fails() {
        let to = |peak, above, strict| code(peaks(1e8), peaks(peak), above, strict);
        assert_eq!(to(1e8, Some(0.05), true), ExitCode::Held);
        assert_eq!(to(2e8, None, false), ExitCode::Held, "told, not judged");
        assert_eq!(to(2e8, Some(0.05), false), ExitCode::Failed);
        assert_eq!(to(0.5e8, Some(0.05), true), ExitCode::Held, "better");
        // Within what sessions differ by of the gate.
        assert_eq!(to(1.051e8, Some(0.05), false), ExitCode::Held);
        assert_eq!(to(1.051e8, Some(0.05), true), ExitCode::Inconclusive);
    }

    #[test]
    fn more_is_worse_only_where_less_is_better() {
        let rate = |value_of: f64| {
            let mut report = result(&["a", "b"]);
            value(&mut report, "b", "found", &[value_of; 5]);
            report
        };
        let to = |new| code(rate(100.0), rate(new), Some(0.05), true);
        assert_eq!(to(200.0), ExitCode::Held);
        assert_eq!(to(90.0), ExitCode::Failed);
    }

    #[test]
    fn what_is_gone_is_not_passed_over() {
        let mut lacking = peaks(1e8);
        lacking.variants[1].metrics.remove("allocations");
        assert_eq!(
            code(peaks(1e8), lacking, Some(0.05), false),
            ExitCode::NotMeasured
        );
        let mut crashed = peaks(1e8);
        crashed.variants[1].outcome = Outcome::Crashed;
        assert_eq!(
            code(peaks(1e8), crashed, Some(0.05), false),
            ExitCode::Failed
        );
        let mut elsewhere = peaks(1e8);
        elsewhere.size = "full".into();
        assert_eq!(
            code(peaks(1e8), elsewhere, Some(0.05), false),
            ExitCode::NotMeasured
        );
    }
}
