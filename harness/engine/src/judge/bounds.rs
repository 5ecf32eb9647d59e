//! Targets on a metric: absolute bounds and bounds relative to the baseline.

use std::collections::BTreeSet;

use plimsoll_workload::Unit;

use super::case::{Case, measured};
use super::decide::{Side, decide};
use super::finding::Finding;
use super::ratio;
use crate::analyze::{Estimate, Looks, Quality, Series, several_at_once};
use crate::evidence::Aggregate;
use crate::report::Verdict;
use crate::report::format::{unit_name, value};
use crate::scenario::Bound;

/// Judges a variant's metric against the target's bounds.
pub(super) fn judge(
    case: &Case<'_>,
    variant: &str,
    metric: &str,
    bounds: [(Side, Option<Bound>); 2],
    aggregate: Option<Aggregate>,
) -> Finding {
    let series = match case.series(variant, metric) {
        Ok(series) => series,
        Err(why) => return Finding::absent(why),
    };
    if let Some(finding) = one_of_several(case, metric, &series) {
        return finding;
    }
    let aggregate = aggregate.unwrap_or(series.about.aggregate);
    let findings = bounds.into_iter().filter_map(|(side, bound)| {
        Some(match bound? {
            Bound::Absolute { value, unit } => match mismatch(unit, series.about.unit) {
                Some(why) => Finding::absent(why),
                None => absolute(case, variant, &series, side, value, aggregate),
            },
            Bound::Baseline(factor) => {
                ratio::judge(case, variant, metric, &series, side, factor, aggregate)
            }
        })
    });
    Finding::all(findings)
}

/// What is to be said of `peak_rss`, which is the largest process's, where any of the trials behind
/// the readings had several processes at once.
pub(super) fn one_of_several(case: &Case<'_>, metric: &str, series: &Series) -> Option<Finding> {
    if metric != "peak_rss" {
        return None;
    }
    let behind: BTreeSet<u32> = series
        .readings
        .iter()
        .map(|reading| reading.trial)
        .collect();
    let mut trials = case.trials.iter();
    trials.find(|trial| behind.contains(&trial.head.number) && several_at_once(trial))?;
    Some(Finding::inconclusive(
        figure(series, series.max()),
        "several processes ran at once, and this is the largest one's peak: use `peak_rss_tree`, \
         or a cap with `under`",
    ))
}

/// Why a bound's unit cannot be held against the metric's. A plain number is in the metric's own
/// base unit, and numbers without dimension are each other's equals.
pub(super) fn mismatch(bound: Unit, metric: Unit) -> Option<String> {
    let plain = |unit| matches!(unit, Unit::Count | Unit::Share | Unit::Ratio);
    let fits = bound == metric || bound == Unit::Count || (plain(bound) && plain(metric));
    (!fits).then(|| {
        format!(
            "the bound is in {} and the metric in {}",
            unit_name(bound),
            unit_name(metric)
        )
    })
}

fn absolute(
    case: &Case<'_>,
    variant: &str,
    series: &Series,
    side: Side,
    bound: f64,
    aggregate: Aggregate,
) -> Finding {
    match aggregate {
        Aggregate::Worst => worst(series, side, bound),
        Aggregate::Median => {
            let Ok((planned, _)) = case.variant(variant) else {
                return Finding::absent(format!("{variant} takes no part"));
            };
            let looks = Looks::new(planned.runs);
            let estimate = Estimate::new(&series.values(), &looks);
            let finding = median(series, &estimate, side, bound);
            match finding.reason {
                Some(reason) if case.target.under.is_some() => Finding {
                    reason: Some(format!(
                        "{reason}; under a target's own cap a variant runs once: \
                         `aggregate: worst` judges that one run"
                    )),
                    ..finding
                },
                _ => finding,
            }
        }
    }
}

/// Every trial must be inside. A sampled reading is a lower bound of the truth: it can break an
/// upper bound, and where it does not the pass says on what it rests.
fn worst(series: &Series, side: Side, bound: f64) -> Finding {
    let binding = match side {
        Side::AtMost => series.max(),
        Side::AtLeast => series.min(),
    };
    let evidence = figure(series, binding);
    let broken = series.readings.iter().any(|reading| match side {
        Side::AtMost => reading.low() > bound,
        Side::AtLeast => reading.high() < bound,
    });
    if broken {
        return Finding::held(false, evidence);
    }
    let firm = series.readings.iter().all(|reading| match side {
        Side::AtMost => match reading.quality {
            Quality::Sampled => reading.value <= bound,
            _ => reading.high() <= bound,
        },
        Side::AtLeast => reading.low() >= bound,
    });
    if firm {
        let evidence = match side {
            Side::AtMost if series.sampled() => format!("{evidence}, sampled: at least this much"),
            _ => evidence,
        };
        return Finding::held(true, evidence);
    }
    Finding::inconclusive(evidence, undecided([series]))
}

/// Why exact-looking readings do not decide.
pub(super) fn undecided<'a>(all: impl IntoIterator<Item = &'a Series>) -> String {
    let readings = all
        .into_iter()
        .flat_map(|series| series.readings.iter().map(move |reading| (series, reading)));
    for (series, reading) in readings {
        match reading.quality {
            Quality::Floor => {
                return "the peak is within the fork server's own resident size, below which \
                        peaks cannot be told apart"
                    .to_owned();
            }
            Quality::Within(error) => {
                let error = value(series.about.unit, error);
                return format!("the figure may be off by {error}, and the bound is within that");
            }
            Quality::Sampled => {
                return "the figure is sampled, and the true one may be higher".to_owned();
            }
            Quality::Exact => {}
        }
    }
    "the runs lie on both sides of the bound".to_owned()
}

/// `33.9 MiB (worst of 6)`.
fn figure(series: &Series, binding: f64) -> String {
    let figure = value(series.about.unit, binding);
    match series.n() {
        1 => format!("{figure} (1 run)"),
        n => format!("{figure} (worst of {n})"),
    }
}

fn median(series: &Series, estimate: &Estimate, side: Side, bound: f64) -> Finding {
    let print = |figure| value(series.about.unit, figure);
    let centre = print(estimate.centre);
    let n = estimate.n();
    let evidence = match (estimate.interval, estimate.range()) {
        (Some(interval), _) => format!(
            "{centre} ({} to {}, median of {n})",
            print(interval.low),
            print(interval.high)
        ),
        (None, Some(all)) if n > 1 => format!(
            "{centre} (median of {n}, all {} to {})",
            print(all.low),
            print(all.high)
        ),
        _ => format!("{centre} (1 run)"),
    };
    let decision = decide(estimate, bound, side, "run");
    Finding {
        verdict: decision.verdict,
        evidence,
        more_may_decide: decision.verdict == Verdict::Inconclusive,
        reason: decision.reason,
    }
}

/// The baseline's readings for a ratio: under the target's cap where it was run under it, else
/// as it was measured.
pub(super) fn baseline_series(case: &Case<'_>, metric: &str) -> Result<Series, String> {
    let baseline = case
        .analysis
        .baseline()
        .ok_or_else(|| "the scenario has no baseline".to_owned())?;
    match case.target.under {
        Some(cap) if !case.capped(&baseline.id, cap).is_empty() => case
            .series(&baseline.id, metric)
            .map(std::borrow::Cow::into_owned),
        _ => measured(baseline, metric).cloned(),
    }
}
