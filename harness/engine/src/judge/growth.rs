//! Targets on how a metric grows: its exponent, and what it comes to at a size.

use plimsoll_workload::Unit;

use super::bounds::mismatch;
use super::case::Case;
use super::decide::Side;
use super::finding::Finding;
use crate::analyze::{Growth, Range, SweptVariant, several_at_once};
use crate::evidence::Role;
use crate::report::format::{count, counted, ratio, value};
use crate::scenario::Bound;

/// Judges the exponent of a variant's growth.
pub(super) fn exponent(
    case: &Case<'_>,
    id: &str,
    metric: &str,
    parameter: &str,
    bounds: [(Side, Option<f64>); 2],
) -> Finding {
    let growth = match growth(case, id, metric, parameter) {
        Ok((_, growth)) => growth,
        Err(why) => return Finding::absent(why),
    };
    let range = growth.exponent();
    let evidence = format!(
        "{} ({} to {}), {} from {} to {}",
        power(range.value),
        power(range.low),
        power(range.high),
        counted(growth.points.len(), "size"),
        count(growth.smallest()),
        count(growth.largest())
    );
    if let Some(why) = one_of_several(case, id, metric, parameter) {
        return Finding::inconclusive(evidence, why);
    }
    all(&range, bounds, evidence)
}

/// Judges what a variant's metric comes to at a size.
pub(super) fn at_size(
    case: &Case<'_>,
    id: &str,
    metric: &str,
    (parameter, size): (&str, f64),
    bounds: [(Side, Option<Bound>); 2],
) -> Finding {
    let (unit, growth) = match growth(case, id, metric, parameter) {
        Ok(found) => found,
        Err(why) => return Finding::absent(why),
    };
    let own = growth.at(size);
    let how = how(growth, size);
    let print = |range: &Range| {
        let [middle, low, high] = [range.value, range.low, range.high].map(|v| value(unit, v));
        format!("{middle} ({low} to {high})")
    };
    let several = one_of_several(case, id, metric, parameter);
    let findings = bounds.into_iter().filter_map(|(side, bound)| {
        let bound = bound?;
        let (range, bound, evidence) = match bound {
            Bound::Absolute { value, unit: its } => match mismatch(its, unit) {
                Some(why) => return Some(Finding::absent(why)),
                None => (own, value, format!("{}, {how}", print(&own))),
            },
            Bound::Baseline(factor) => {
                let base = match of_baseline(case, metric, parameter, size) {
                    Ok(base) => base,
                    Err(why) => return Some(Finding::absent(why)),
                };
                // Either end of both: more than the interval of the ratio, for they are not one fit.
                let range = Range {
                    value: own.value / base.value,
                    low: own.low / base.high,
                    high: own.high / base.low,
                };
                let [middle, low, high] = [range.value, range.low, range.high].map(ratio);
                let (own, base) = (print(&own), print(&base));
                let evidence = format!("{middle} ({low} to {high}; {own} over {base}), {how}");
                (range, factor, evidence)
            }
        };
        Some(match &several {
            Some(why) => Finding::inconclusive(evidence, why.clone()),
            None => all(&range, [(side, Some(bound)); 1], evidence),
        })
    });
    Finding::all(findings)
}

/// Pass only where the whole interval is inside, fail only where it is wholly outside.
fn all<const N: usize>(
    range: &Range,
    bounds: [(Side, Option<f64>); N],
    evidence: String,
) -> Finding {
    let findings = bounds.into_iter().filter_map(|(side, bound)| {
        let bound = bound?;
        let (low, high) = (side.holds(range.low, bound), side.holds(range.high, bound));
        Some(if low == high {
            Finding::held(low, evidence.clone())
        } else {
            Finding::inconclusive(
                evidence.clone(),
                "the interval straddles the bound: more sizes, larger ones, or more runs of each \
                 make it narrower",
            )
        })
    });
    Finding::all(findings)
}

/// A variant's growth and the metric's unit, or why there is none.
fn growth<'a>(
    case: &Case<'a>,
    id: &str,
    metric: &str,
    parameter: &str,
) -> Result<(Unit, &'a Growth), String> {
    let variant = swept(case, id, parameter)?;
    let growth = match variant.growth.get(metric) {
        Some(Ok(growth)) => growth,
        Some(Err(why)) => return Err(format!("no growth of {metric}: {why}")),
        None => return Err(format!("the sweep over {parameter} knows no {metric}")),
    };
    let unit = variant
        .first(metric)
        .map_or(Unit::Count, |series| series.about.unit);
    Ok((unit, growth))
}

/// A variant over the sweep of a size.
fn swept<'a>(case: &Case<'a>, id: &str, parameter: &str) -> Result<&'a SweptVariant, String> {
    let mut sweeps = case.analysis.sweeps.iter();
    let sweep = sweeps
        .find(|sweep| sweep.quality.is_none() && sweep.parameter == parameter)
        .ok_or_else(|| format!("{parameter} was not swept"))?;
    sweep.variant(id)
}

fn of_baseline(case: &Case<'_>, metric: &str, parameter: &str, size: f64) -> Result<Range, String> {
    let baseline = case
        .analysis
        .baseline()
        .ok_or_else(|| "the scenario has no baseline".to_owned())?;
    let (_, growth) = growth(case, &baseline.id, metric, parameter)
        .map_err(|why| format!("of the baseline: {why}"))?;
    Ok(growth.at(size))
}

/// Why a peak of one process says too little, where several ran at once.
fn one_of_several(case: &Case<'_>, id: &str, metric: &str, parameter: &str) -> Option<String> {
    let mut swept = case.trials.iter().filter(|trial| {
        let here = trial.head.point.as_ref();
        trial.head.role == Role::Sweep
            && trial.head.variant == id
            && here.is_some_and(|point| point.parameter == parameter)
    });
    (metric == "peak_rss" && swept.any(several_at_once)).then(|| {
        "several processes ran at once, and this is the largest one's peak: use `peak_rss_tree`"
            .to_owned()
    })
}

/// How far the fit reaches.
fn how(growth: &Growth, size: f64) -> String {
    let sizes = counted(growth.points.len(), "size");
    let (low, high) = (growth.smallest(), growth.largest());
    let range = format!("{sizes} from {} to {}", count(low), count(high));
    if size > high {
        format!("followed {:.1} times beyond {range}", size / high)
    } else if size < low {
        format!("followed below {range}")
    } else {
        format!("within {range}")
    }
}

/// An exponent: `1.51`.
fn power(exponent: f64) -> String {
    format!("{exponent:.2}")
}
