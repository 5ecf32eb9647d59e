//! The sweeps, with the instruments that targets need on them.

use super::super::{PlanRequest, PlannedSweep, PlannedVariant, sweep};
use crate::analyze::instrument_of;
use crate::evidence::Instrument;
use crate::scenario::check::SMOKE;
use crate::scenario::{Expectation, Scenario, Size, Target, Variant};

/// The sweeps at a size, with what the targets need of them.
pub(super) fn sweeps(
    scenario: &Scenario,
    size: &Size,
    chosen: &[&Variant],
    variants: &[PlannedVariant],
    targets: &[Target],
    request: &PlanRequest,
) -> Vec<PlannedSweep> {
    let once = (size.name == SMOKE).then_some(1);
    let asked = request.runs.map(|runs| runs.min).or(once);
    let planned = scenario.sweeps.iter().filter_map(|written| {
        let runs = asked.unwrap_or(written.runs);
        let params = |index: usize| variants[index].params.clone();
        let mut sweep = sweep::planned(written, size, chosen, runs, params)?;
        for target in targets {
            let (metric, here) = match &target.expectation {
                Expectation::At { metric, place, .. } => (metric, sweep.has(place)),
                Expectation::Growth {
                    metric, parameter, ..
                } => (
                    metric,
                    sweep.quality.is_none() && sweep.parameter == *parameter,
                ),
                _ => continue,
            };
            let instrument = instrument_of(metric);
            let known = instrument == Instrument::Clock || sweep.instruments.contains(&instrument);
            if here && !known {
                sweep.instruments.push(instrument);
            }
        }
        Some(sweep)
    });
    planned.collect()
}
