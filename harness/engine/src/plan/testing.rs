//! Hand-made plans for tests.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use plimsoll_workload::Unit;

use super::{Job, Plan, PlannedPoint, PlannedSweep, PlannedVariant};
use crate::evidence::Outcome;
use crate::scenario::{Bound, Expectation, Limits, Measure, Params, Runs, Scenario, Target};

/// A plan of these variants, the first of which is the baseline, for 6 to 20 runs.
pub(crate) fn plan(variants: &[&str]) -> Plan {
    let limits = Limits::default();
    let measure = Measure {
        warmup: 0,
        ..Measure::default()
    };
    let runs = measure.runs;
    let variants = variants
        .iter()
        .enumerate()
        .map(|(place, id)| PlannedVariant {
            id: (*id).to_owned(),
            about: String::new(),
            baseline: place == 0,
            job: Job::Workload {
                program: PathBuf::from("program"),
                args: Vec::new(),
                workload: "workload".to_owned(),
                implementation: (*id).to_owned(),
                steps: Vec::new(),
                extension: String::new(),
                verifies: false,
            },
            params: Params::new(),
            dhat_params: None,
            instruction_params: None,
            threads: None,
            budget: None,
            env: BTreeMap::new(),
            allocator: None,
            uncounted: None,
            runs,
            floor: false,
            kills: Vec::new(),
        });
    Plan {
        variants: variants.collect(),
        scenario: Arc::new(Scenario {
            name: "scenario".to_owned(),
            about: "A scenario made by hand.".to_owned(),
            path: PathBuf::from("scenario.yaml"),
            text: "name: scenario\n".to_owned(),
            digest: "blake3:0".to_owned(),
            workload: None,
            requires: Vec::new(),
            params: Params::new(),
            sweeps: Vec::new(),
            sizes: Vec::new(),
            variants: Vec::new(),
            limits: limits.clone(),
            measure: measure.clone(),
            targets: Vec::new(),
        }),
        size: "default".to_owned(),
        sweeps: Vec::new(),
        limits,
        measure,
        targets: Vec::new(),
        exact_only: false,
        floor_only: false,
        notes: Vec::new(),
        without: BTreeMap::new(),
    }
}

impl Plan {
    /// The same with this target.
    pub(crate) fn with(mut self, target: Target) -> Plan {
        self.targets.push(target);
        self
    }

    /// The same with a sweep of all variants.
    pub(crate) fn swept(mut self, parameter: &str, values: &[f64], quality: Option<&str>) -> Plan {
        let variants = self.variants.len();
        self.sweeps.push(PlannedSweep {
            parameter: parameter.to_owned(),
            quality: quality.map(str::to_owned),
            runs: 1,
            points: values
                .iter()
                .map(|value| PlannedPoint {
                    value: *value,
                    params: vec![Some(Params::new()); variants],
                })
                .collect(),
            instruments: Vec::new(),
        });
        self
    }

    /// The same with these runs for every variant.
    pub(crate) fn runs(mut self, min: u32, max: u32) -> Plan {
        self.measure.runs = Runs { min, max };
        for variant in &mut self.variants {
            variant.runs = Runs { min, max };
        }
        self
    }
}

/// A target on these variants.
pub(crate) fn target(variants: &[&str], expectation: Expectation) -> Target {
    Target {
        expectation,
        variants: variants.iter().map(|id| (*id).to_owned()).collect(),
        sizes: Vec::new(),
        under: None,
        gate: true,
        label: format!("a target on {}", variants.join(" and ")),
        line: 1,
    }
}

/// A metric of a variant is at most `value`, in the metric's unit.
pub(crate) fn at_most(variant: &str, metric: &str, value: f64, unit: Unit) -> Target {
    bounds(variant, metric, Some(Bound::Absolute { value, unit }), None)
}

/// A metric of a variant is at least `value`.
pub(crate) fn at_least(variant: &str, metric: &str, value: f64, unit: Unit) -> Target {
    bounds(variant, metric, None, Some(Bound::Absolute { value, unit }))
}

/// A metric of a variant is at most so many times the baseline's.
pub(crate) fn at_most_baseline(variant: &str, metric: &str, factor: f64) -> Target {
    bounds(variant, metric, Some(Bound::Baseline(factor)), None)
}

/// A metric of a variant within bounds.
pub(crate) fn bounds(
    variant: &str,
    metric: &str,
    at_most: Option<Bound>,
    at_least: Option<Bound>,
) -> Target {
    let expectation = Expectation::Metric {
        metric: metric.to_owned(),
        at_most,
        at_least,
        aggregate: None,
    };
    target(&[variant], expectation)
}

/// These variants give the same output.
pub(crate) fn identical(variants: &[&str], digest: Option<&str>) -> Target {
    let digest = digest.map(str::to_owned);
    target(variants, Expectation::Identical { digest })
}

/// A variant ends in this way, under this cap.
pub(crate) fn ends(variant: &str, outcome: Outcome, under: Option<u64>) -> Target {
    Target {
        under,
        ..target(&[variant], Expectation::Outcome { outcome })
    }
}
