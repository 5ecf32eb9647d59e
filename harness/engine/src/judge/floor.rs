//! Targets on the floor: an interval of caps held against a bound on a cap.

use super::case::Case;
use super::decide::Side;
use super::finding::Finding;
use crate::evidence::Outcome;
use crate::report::Floor;
use crate::scenario::Bound;

/// Between one cap and the next that the kernel tells apart, in bytes.
const PAGE: f64 = 4096.0;

/// Judges a variant's floor against the target's bounds. It lies above the largest cap that failed,
/// and not above the smallest one that passed.
pub(super) fn judge(case: &Case<'_>, variant: &str, bounds: [(Side, Option<Bound>); 2]) -> Finding {
    let floor = match of_variant(case, variant) {
        Ok(floor) => floor,
        Err(why) => return Finding::absent(why),
    };
    let findings = bounds.into_iter().filter_map(|(side, bound)| {
        Some(match bound? {
            Bound::Absolute { value, .. } => decide(floor, side, (value, value)),
            Bound::Baseline(factor) => against_baseline(case, floor, side, factor),
        })
    });
    Finding::all(findings)
}

fn of_variant<'a>(case: &Case<'a>, variant: &str) -> Result<&'a Floor, String> {
    let (_, analysed) = case.variant(variant)?;
    if analysed.outcome != Outcome::Completed {
        return Err(analysed.ended());
    }
    let floor = analysed
        .floor
        .as_ref()
        .ok_or_else(|| format!("the floor of {variant} was not searched for"))?;
    match (&floor.absent, floor.fails_at, floor.passes_at) {
        (Some(why), None, None) => Err(why.clone()),
        _ => Ok(floor),
    }
}

fn against_baseline(case: &Case<'_>, floor: &Floor, side: Side, factor: f64) -> Finding {
    let Some(baseline) = case.analysis.baseline() else {
        return Finding::absent("the scenario has no baseline");
    };
    let base = match of_variant(case, &baseline.id) {
        Ok(base) => base,
        Err(why) => return Finding::absent(why),
    };
    let low = base.fails_at.map_or(0.0, |fails| fails as f64 + PAGE);
    let high = base.passes_at.map_or(f64::INFINITY, |passes| passes as f64);
    let mut finding = decide(floor, side, (factor * low, factor * high));
    finding.evidence = format!("{}; the baseline's {}", finding.evidence, base.edges());
    finding
}

/// Holds the floor against a bound that lies between two values.
fn decide(floor: &Floor, side: Side, (least, most): (f64, f64)) -> Finding {
    let low = floor.fails_at.map_or(0.0, |fails| fails as f64 + PAGE);
    let high = floor
        .passes_at
        .filter(|_| floor.confirmed >= floor.repeats)
        .map_or(f64::INFINITY, |passes| passes as f64);
    // A bound between two pages is as good as the page below it.
    let held = match side {
        Side::AtMost if high <= least => Some(true),
        Side::AtMost if low > most => Some(false),
        Side::AtLeast if low >= most => Some(true),
        Side::AtLeast if high < least => Some(false),
        _ => None,
    };
    match held {
        Some(held) => Finding::held(held, floor.edges()),
        None => {
            let why = floor.absent.clone();
            let why = why.unwrap_or_else(|| "the bound lies within the interval".to_owned());
            Finding::inconclusive(floor.edges(), why)
        }
    }
}
