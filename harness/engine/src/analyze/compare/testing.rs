//! Stored results made by hand.

use plimsoll_workload::{Better, Unit};

use crate::analyze::median;
use crate::evidence::{
    Aggregate, Block, CapsKind, Instrument, Machine, Outcome, Role, TrialHead, metric_info,
};
use crate::report::{Metric, MetricValue, Report, SCHEMA_VERSION, TrialSummary, VariantReport};

/// A result without figures; the first variant is the baseline.
pub(crate) fn result(ids: &[&str]) -> Report {
    Report {
        schema_version: SCHEMA_VERSION,
        scenario: "sorts".into(),
        about: String::new(),
        size: "default".into(),
        part: None,
        scenario_digest: "blake3:1".into(),
        scenario_text: String::new(),
        started: "2026-11-20T00:00:00Z".into(),
        elapsed: 1.0,
        command: String::new(),
        machine: machine("here"),
        memory_cap: None,
        instructions_at: None,
        resolution: None,
        seed: 1,
        interrupted: false,
        warnings: Vec::new(),
        method: String::new(),
        sweeps: Vec::new(),
        variants: ids
            .iter()
            .enumerate()
            .map(|(n, id)| variant(id, n == 0))
            .collect(),
        verdicts: Vec::new(),
        comparison: None,
        trials: Vec::new(),
        exit_code: 0,
    }
}

pub(crate) fn machine(fingerprint: &str) -> Machine {
    Machine {
        cpu: "A processor".into(),
        cores: 2,
        memory: 8 << 30,
        available: 7 << 30,
        swap: 0,
        kernel: "6.18.0".into(),
        os: "Debian".into(),
        arch: "x86_64".into(),
        governor: None,
        load: 0.1,
        caps: CapsKind::CgroupV2,
        page_size: 4096,
        plimsoll: "0.1.0".into(),
        debug_build: false,
        fingerprint: fingerprint.into(),
    }
}

fn variant(id: &str, baseline: bool) -> VariantReport {
    VariantReport {
        id: id.into(),
        about: String::new(),
        baseline,
        implementation: id.into(),
        build: Some("blake3:build".into()),
        params: serde_json::Map::new(),
        inputs: None,
        threads: None,
        allocator: "system".into(),
        steps: Default::default(),
        outcome: Outcome::Completed,
        diagnosis: "completed".into(),
        digests: [("stdout".to_owned(), "blake3:out".to_owned())].into(),
        metrics: Default::default(),
        relative: Default::default(),
        histograms: Vec::new(),
        timeline: None,
        floor: None,
        reconciliation: None,
        profile: None,
        stderr_tail: None,
    }
}

/// Sets a metric of a variant, and its trials, one a round.
pub(crate) fn value(report: &mut Report, id: &str, name: &str, values: &[f64]) {
    let (unit, better, source, aggregate) = match metric_info(name) {
        Some(info) => (info.unit, info.better, info.source, info.aggregate),
        None => (Unit::Count, Better::Higher, "workload", Aggregate::Worst),
    };
    let fold = |pick: fn(f64, f64) -> f64| values.iter().copied().reduce(pick).unwrap_or(0.0);
    let value = MetricValue {
        unit,
        source: source.into(),
        better,
        aggregate,
        n: u32::try_from(values.len()).unwrap(),
        min: fold(f64::min),
        median: median(values),
        max: fold(f64::max),
        values: values.to_vec(),
    };
    let variant = report
        .variants
        .iter_mut()
        .find(|variant| variant.id == id)
        .unwrap();
    variant.metrics.insert(name.into(), Metric::Value(value));
    if source == "malloc layer" {
        return;
    }
    for (round, value) in (0..).zip(values) {
        let place = report.trials.iter().position(|trial| {
            trial.head.variant == id && trial.head.block.is_some_and(|block| block.round == round)
        });
        let place = place.unwrap_or_else(|| {
            report.trials.push(trial(id, round));
            report.trials.len() - 1
        });
        report.trials[place].metrics.insert(name.into(), *value);
    }
}

fn trial(id: &str, round: u32) -> TrialSummary {
    TrialSummary {
        head: TrialHead {
            number: round,
            variant: id.into(),
            instrument: Instrument::Clock,
            role: Role::Measured,
            block: Some(Block { round, position: 0 }),
            under: None,
            point: None,
            outcome: Outcome::Completed,
            diagnosis: "completed".into(),
            verification: None,
            notes: Vec::new(),
        },
        wall: 0.0,
        cpu: 0.0,
        peak_rss: 0,
        metrics: Default::default(),
    }
}
