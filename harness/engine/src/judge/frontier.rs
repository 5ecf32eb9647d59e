//! Targets at equal quality: what a metric comes to where the quality is the same.

use super::bounds::mismatch;
use super::case::Case;
use super::decide::{Side, decide};
use super::finding::Finding;
use crate::analyze::{AtQuality, Estimate, Frontier, Looks, Series, log_ratios};
use crate::evidence::Aggregate;
use crate::report::format::{count, counted, ratio, value};
use crate::scenario::{Bound, Runs};

/// Where a target looks.
#[derive(Clone, Copy)]
pub(super) struct Quality<'a> {
    /// The parameter that is swept.
    pub(super) parameter: &'a str,
    /// The metric that tells the quality.
    pub(super) metric: &'a str,
    /// Its value.
    pub(super) value: f64,
}

/// Judges a variant's metric where its quality is this.
pub(super) fn at_quality(
    case: &Case<'_>,
    id: &str,
    metric: &str,
    quality: Quality<'_>,
    bounds: [(Side, Option<Bound>); 2],
) -> Finding {
    let own = match cost(case, id, metric, quality) {
        Ok(own) => own,
        Err(why) => return Finding::absent(why),
    };
    let findings = bounds.into_iter().filter_map(|(side, bound)| {
        Some(match bound? {
            Bound::Absolute { value, unit } => match mismatch(unit, own.cost.about.unit) {
                Some(why) => Finding::absent(why),
                None => absolute(&own, quality, side, value),
            },
            Bound::Baseline(factor) => match of_baseline(case, metric, quality) {
                Ok(base) => relative(&base, &own, quality, side, factor),
                Err(why) => Finding::absent(why),
            },
        })
    });
    Finding::all(findings)
}

/// What a variant's metric comes to at a quality, round by round.
fn cost(
    case: &Case<'_>,
    id: &str,
    metric: &str,
    quality: Quality<'_>,
) -> Result<AtQuality, String> {
    let mut sweeps = case.analysis.sweeps.iter();
    let sweep = sweeps
        .find(|sweep| {
            sweep.parameter == quality.parameter && sweep.quality.as_deref() == Some(quality.metric)
        })
        .ok_or_else(|| format!("{} was not swept", quality.parameter))?;
    let frontier = Frontier::of(sweep.variant(id)?, metric, quality.metric)?;
    let (name, value) = (quality.metric, quality.value);
    frontier
        .at(value)
        .map_err(|why| format!("{id} has no {metric} at {name} {value}: {why}"))
}

fn of_baseline(case: &Case<'_>, metric: &str, quality: Quality<'_>) -> Result<AtQuality, String> {
    let baseline = case
        .analysis
        .baseline()
        .ok_or_else(|| "the scenario has no baseline".to_owned())?;
    cost(case, &baseline.id, metric, quality)
}

/// A sweep is looked at once, after the last of its runs.
fn looks(rounds: usize) -> Looks {
    let rounds = u32::try_from(rounds).unwrap_or(u32::MAX).max(1);
    Looks::new(Runs {
        min: rounds,
        max: rounds,
    })
}

fn absolute(own: &AtQuality, quality: Quality<'_>, side: Side, bound: f64) -> Finding {
    let series = &own.cost;
    let print = |figure| value(series.about.unit, figure);
    let between = between(own, quality);
    let runs = counted(series.readings.len(), "run");
    if series.about.aggregate == Aggregate::Worst {
        let ends = [series.min(), series.max()];
        let binding = match side {
            Side::AtMost => series.max(),
            Side::AtLeast => series.min(),
        };
        let evidence = format!("{} (worst of {runs}), {between}", print(binding));
        return ends_decide(ends.map(|end| side.holds(end, bound)), evidence);
    }
    let estimate = Estimate::new(&series.values(), &looks(series.readings.len()));
    let centre = print(estimate.centre);
    let evidence = match estimate.interval {
        Some(interval) => format!(
            "{centre} ({} to {}, {runs}), {between}",
            print(interval.low),
            print(interval.high)
        ),
        None => format!("{centre} ({runs}), {between}"),
    };
    decided(&estimate, bound, side, "run", evidence)
}

fn relative(
    base: &AtQuality,
    own: &AtQuality,
    quality: Quality<'_>,
    side: Side,
    factor: f64,
) -> Finding {
    let between = between(own, quality);
    if own.cost.about.aggregate == Aggregate::Worst {
        let least = own.cost.min() / base.cost.max();
        let most = own.cost.max() / base.cost.min();
        let binding = match side {
            Side::AtMost => most,
            Side::AtLeast => least,
        };
        let evidence = format!("{} ({}), {between}", ratio(binding), over(own, base));
        return ends_decide([least, most].map(|end| side.holds(end, factor)), evidence);
    }
    let ratios = log_ratios(&base.cost, &own.cost);
    if ratios.is_empty() {
        return Finding::inconclusive("0 pairs", "no round of the sweep has both of them");
    }
    let estimate = Estimate::new(&ratios, &looks(ratios.len()));
    let centre = ratio(estimate.centre.exp());
    let (pairs, over) = (counted(ratios.len(), "pair"), over(own, base));
    let evidence = match estimate.interval {
        Some(interval) => {
            let [low, high] = [interval.low, interval.high].map(|log| ratio(log.exp()));
            format!("{centre} ({low} to {high}, {pairs}; {over}), {between}")
        }
        None => format!("{centre} ({pairs}; {over}), {between}"),
    };
    decided(&estimate, factor.ln(), side, "pair", evidence)
}

/// The medians of both.
fn over(own: &AtQuality, base: &AtQuality) -> String {
    let print = |series: &Series| value(series.about.unit, series.median());
    format!("{} over {}", print(&own.cost), print(&base.cost))
}

/// Exact figures: pass only where all are inside, fail only where none is.
fn ends_decide(held: [bool; 2], evidence: String) -> Finding {
    match held {
        [true, true] => Finding::held(true, evidence),
        [false, false] => Finding::held(false, evidence),
        _ => Finding::inconclusive(evidence, "the runs lie on both sides of the bound"),
    }
}

fn decided(estimate: &Estimate, bound: f64, side: Side, noun: &str, evidence: String) -> Finding {
    let decision = decide(estimate, bound, side, noun);
    let finding = Finding::plain(decision.verdict, evidence);
    match decision.reason {
        Some(reason) => finding.because(format!("{reason}; `runs` of the sweep says how many")),
        None => finding,
    }
}

/// Where on the sweep it lies: `between ef 64 and 128`.
fn between(own: &AtQuality, quality: Quality<'_>) -> String {
    let (from, to) = own.between;
    match from == to {
        true => format!("at {} {}", quality.parameter, count(from)),
        false => format!(
            "between {} {} and {}",
            quality.parameter,
            count(from),
            count(to)
        ),
    }
}
