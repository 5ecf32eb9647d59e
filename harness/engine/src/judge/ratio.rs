//! Bounds relative to the baseline: `at_most: 0.10 x baseline`.

use super::bounds::{baseline_series, one_of_several, undecided};
use super::case::Case;
use super::decide::{Side, advice, decide};
use super::finding::Finding;
use crate::analyze::{Estimate, Looks, Noise, Quality, Series, log_ratios};
use crate::evidence::Aggregate;
use crate::plan::PlannedVariant;
use crate::report::Verdict;
use crate::report::format::{counted, percent, ratio, value};

/// Judges a variant's metric against a multiple of the baseline's.
pub(super) fn judge(
    case: &Case<'_>,
    variant: &str,
    metric: &str,
    series: &Series,
    side: Side,
    factor: f64,
    aggregate: Aggregate,
) -> Finding {
    let planned = match case.variant(variant) {
        Ok((planned, _)) if planned.baseline => {
            return Finding::absent(format!("{variant} is the baseline itself"));
        }
        Ok((planned, _)) => planned,
        Err(why) => return Finding::absent(why),
    };
    if factor <= 0.0 {
        return Finding::absent("a multiple of the baseline must be above 0");
    }
    let baseline = match baseline_series(case, metric) {
        Ok(baseline) => baseline,
        Err(why) => return Finding::absent(why),
    };
    if let Some(finding) = one_of_several(case, metric, &baseline) {
        let why = finding.reason.clone().unwrap_or_default();
        return finding.because(format!("of the baseline: {why}"));
    }
    match aggregate {
        Aggregate::Worst => extremes(&baseline, series, side, factor),
        Aggregate::Median => paired(case, planned, metric, &baseline, series, side, factor),
    }
}

/// Near-deterministic metrics: from the smallest to the largest ratio that any variant's run makes
/// with any baseline's run. Pass only when all of them are inside, fail only when none is.
fn extremes(baseline: &Series, series: &Series, side: Side, factor: f64) -> Finding {
    if baseline.min() <= 0.0 {
        return Finding::absent("the baseline's is 0, and nothing is a multiple of that");
    }
    let ((own_low, own_high), (base_low, base_high)) = (range(series), range(baseline));
    let (low, high) = (own_low / base_high, own_high / base_low);
    let (binding, own, base) = match side {
        Side::AtMost => (series.max() / baseline.min(), series.max(), baseline.min()),
        Side::AtLeast => (series.min() / baseline.max(), series.min(), baseline.max()),
    };
    let print = |figure| value(series.about.unit, figure);
    let note = match series.sampled() || baseline.sampled() {
        true => ", sampled",
        false => "",
    };
    let evidence = format!(
        "{} ({} over {}{note})",
        ratio(binding),
        print(own),
        print(base)
    );
    match (side.holds(low, factor), side.holds(high, factor)) {
        (true, true) => Finding::held(true, evidence),
        (false, false) => Finding::held(false, evidence),
        _ => Finding::inconclusive(evidence, undecided([series, baseline])),
    }
}

/// Between which values the true ones lie, sampled ones taken as they were seen.
fn range(series: &Series) -> (f64, f64) {
    let ends = series.readings.iter().map(|reading| match reading.quality {
        Quality::Sampled => (reading.value, reading.value),
        _ => (reading.low(), reading.high()),
    });
    ends.fold((f64::INFINITY, 0.0), |(low, high), (l, h)| {
        (low.min(l), high.max(h))
    })
}

/// Noisy metrics: the median of paired log ratios and its interval, where it clears the bound by
/// more than what the baseline differs from itself by.
fn paired(
    case: &Case<'_>,
    planned: &PlannedVariant,
    metric: &str,
    baseline: &Series,
    series: &Series,
    side: Side,
    factor: f64,
) -> Finding {
    let ratios = log_ratios(baseline, series);
    if ratios.is_empty() {
        return Finding::inconclusive(
            "0 pairs",
            "no run of it is paired with one of the baseline in the same round",
        );
    }
    let runs_of_baseline = case.plan.variants.iter().find(|variant| variant.baseline);
    let looks = Looks::of_pair(
        planned.runs,
        runs_of_baseline.map_or(planned.runs, |baseline| baseline.runs),
    );
    let estimate = Estimate::new(&ratios, &looks);
    let pairs = counted(estimate.n(), "pair");
    let centre = ratio(estimate.centre.exp());
    let bare = |log: f64| ratio(log.exp()).trim_end_matches(" x").to_owned();
    let evidence = match (estimate.interval, estimate.range()) {
        (Some(interval), _) => {
            let (low, high) = (bare(interval.low), bare(interval.high));
            format!("{centre} ({low} to {high}, {pairs})")
        }
        (None, Some(all)) if estimate.n() > 1 => {
            let (low, high) = (bare(all.low), bare(all.high));
            format!("{centre} ({pairs}, all {low} to {high})")
        }
        _ => format!("{centre} ({pairs})"),
    };
    let decision = decide(&estimate, factor.ln(), side, "pair");
    let margin = (estimate.centre - factor.ln()).abs();
    if decision.verdict != Verdict::Inconclusive
        && let Some(noise) = case.analysis.noise.get(metric)
        && let Some(doubt) = doubt(noise, &estimate, margin)
    {
        let mut finding = Finding::inconclusive(evidence, doubt);
        finding.more_may_decide = true;
        return finding;
    }
    Finding {
        verdict: decision.verdict,
        evidence,
        more_may_decide: decision.verdict == Verdict::Inconclusive,
        reason: decision.reason,
    }
}

/// Why what the baseline differs from itself by forbids a verdict that clears its bound by `margin`,
/// if it does: as a whole by as much, or, where the verdict rests on a few pairs that agree, in any
/// pair by half of it.
fn doubt(noise: &Noise, estimate: &Estimate, margin: f64) -> Option<String> {
    let clears = format!("it clears the bound by {}", percent(margin.exp_m1()));
    let pairs = counted(noise.pairs, "A/A pair");
    if noise.floor >= margin {
        return Some(format!(
            "{clears}, but the baseline differed from itself by {} ({pairs}); {}",
            percent(noise.floor.exp_m1()),
            advice(estimate.n(), noise.floor, margin, "pair"),
        ));
    }
    (estimate.interval.is_none() && noise.largest > margin / 2.0).then(|| {
        format!(
            "{clears} in {}, too few when one of {pairs} differed by {}",
            counted(estimate.n(), "pair"),
            percent(noise.largest.exp_m1())
        )
    })
}
