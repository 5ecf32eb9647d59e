//! What a variant's report is made of.

use plimsoll_workload::{Better, Unit};

use super::super::{
    ChartTimeline, CourseBand, Floor, FloorAttempt, FloorEnding, Metric, MetricValue,
    Reconciliation, ReconciliationCourse, ReconciliationLine, Relative, VariantReport,
};
use super::MIB;
use crate::evidence::{Aggregate, CallSite, HeapProfile, PhaseSpan, ReportedHistogram, Sample};

/// A floor between 38.1 and 38.8 MiB.
pub(super) fn floor() -> Floor {
    use FloorEnding::{OutOfMemory, Passed, Thrashing};
    let caps = [
        (40.4, Passed, 1.01),
        (39.6, Passed, 1.04),
        (36.6, OutOfMemory, 0.4),
        (38.1, Thrashing, 10.0),
        (38.8, Passed, 1.25),
        (38.8, Passed, 1.21),
        (38.8, Passed, 1.3),
    ];
    let bytes = |mib: f64| (mib * MIB) as u64 / 4096 * 4096;
    let attempts = (20..)
        .zip(caps)
        .map(|(trial, (cap, ending, share))| FloorAttempt {
            trial,
            cap: bytes(cap),
            ending,
            diagnosis: ending.to_string(),
            wall: 7.7 * share,
            slowdown: (ending == Passed).then_some(share),
            major_faults: if ending == Thrashing { 41_200 } else { 12 },
        });
    Floor {
        fails_at: Some(bytes(38.1)),
        passes_at: Some(bytes(38.8)),
        confirmed: 3,
        repeats: 3,
        precision: 0.02,
        caps: 5,
        uncapped_wall: 7.7,
        compared: "the exit status, and `orthos` of the trials without a cap".into(),
        attempts: attempts.collect(),
        notes: vec![],
        absent: None,
    }
}

pub(super) fn metric(unit: Unit, source: &str, values: &[f64]) -> Metric {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let aggregate = if unit == Unit::Bytes {
        Aggregate::Worst
    } else {
        Aggregate::Median
    };
    Metric::Value(MetricValue {
        unit,
        source: source.into(),
        better: if unit == Unit::PerSecond {
            Better::Higher
        } else {
            Better::Lower
        },
        aggregate,
        n: u32::try_from(values.len()).unwrap(),
        min: sorted[0],
        median: sorted[sorted.len() / 2],
        max: sorted[sorted.len() - 1],
        values: values.to_vec(),
    })
}

pub(super) fn metrics(
    variant: &mut VariantReport,
    wall: &[f64],
    cpu_share: f64,
    peak: f64,
    heap: [f64; 2],
) {
    let cpu: Vec<f64> = wall.iter().map(|wall| wall * cpu_share).collect();
    let spread = [0.998, 0.999, 1.0, 0.9985, 0.9995, 0.997];
    let peaks: Vec<f64> = spread.iter().map(|f| f * peak * MIB).collect();
    let rate: Vec<f64> = cpu.iter().map(|cpu| 10_517_231.0 / cpu).collect();
    let mut put = |name: &str, value| variant.metrics.insert(name.into(), value);
    put("wall", metric(Unit::Seconds, "clock", wall));
    put("cpu", metric(Unit::Seconds, "wait4", &cpu));
    put("peak_rss", metric(Unit::Bytes, "wait4", &peaks));
    put(
        "heap_peak",
        metric(Unit::Bytes, "malloc layer", &[heap[0] * MIB]),
    );
    put(
        "heap_peak_c",
        metric(Unit::Bytes, "malloc layer", &[heap[1] * MIB]),
    );
    put(
        "allocations",
        metric(Unit::Count, "malloc layer", &[peak * 14_512.0]),
    );
    put("major_faults", metric(Unit::Count, "wait4", &[0.0; 6]));
    put(
        "orthos",
        metric(Unit::Count, "workload", &[10_517_231.0; 6]),
    );
    put(
        "orthos_per_cpu_second",
        metric(Unit::PerSecond, "workload", &rate),
    );
    put(
        "peak_cgroup",
        Metric::Absent {
            absent: "caps are by cgroup v1, which keeps no peak here".into(),
        },
    );
}

pub(super) fn relative(variant: &mut VariantReport, rows: &[(&str, f64, f64, f64, u32)]) {
    for &(name, ratio, low, high, pairs) in rows {
        variant.relative.insert(
            name.into(),
            Relative {
                ratio,
                low,
                high,
                pairs,
                level: 0.983,
            },
        );
    }
}

pub(super) fn timeline(
    trial: u32,
    peak: f64,
    seconds: f64,
    phases: &[(&str, f64, f64)],
    shape: &dyn Fn(f64) -> f64,
) -> ChartTimeline {
    let points = 240;
    let samples = (0..=points).map(|i| {
        let x = f64::from(i) / f64::from(points);
        let rss = (peak * MIB * shape(x).clamp(0.02, 0.995)) as u64;
        Sample {
            t: x * seconds,
            rss,
            largest: rss,
            anon: rss,
            processes: 1,
            ..Sample::default()
        }
    });
    ChartTimeline {
        trial,
        samples: samples.collect(),
        phases: phases
            .iter()
            .map(|&(name, begin, end)| PhaseSpan {
                name: name.into(),
                begin: begin * seconds,
                end: Some(end * seconds),
                peak_rss: None,
            })
            .collect(),
        peak: (peak * MIB) as u64,
    }
}

pub(super) fn reconciliation(
    peak: f64,
    effect: f64,
    lines: &[(&str, f64, bool)],
) -> Reconciliation {
    let resident = (peak * (1.0 + effect) * MIB) as i64;
    let mut lines: Vec<ReconciliationLine> = lines
        .iter()
        .map(|&(what, mib, ledger)| ReconciliationLine {
            what: what.into(),
            bytes: (mib * MIB) as i64,
            ledger,
        })
        .collect();
    let explained: i64 = lines.iter().map(|line| line.bytes).sum();
    let remainder = resident / 400;
    let untouched = resident - explained - remainder;
    let what = if untouched < 0 {
        "allocated but untouched"
    } else {
        "anonymous maps outside malloc"
    };
    lines.push(ReconciliationLine {
        what: what.into(),
        bytes: untouched,
        ledger: false,
    });
    let outside: i64 = lines
        .iter()
        .filter(|l| l.what.contains("not in the ledger"))
        .map(|l| l.bytes)
        .sum();
    let moments = [0.2, 0.5, 0.8, 1.0];
    let course = ReconciliationCourse {
        t: moments.map(|moment| 4.0 * moment).to_vec(),
        resident: moments
            .map(|moment| (resident as f64 * moment) as u64)
            .to_vec(),
        bands: lines
            .iter()
            .map(|line| CourseBand {
                what: line.what.clone(),
                ledger: line.ledger,
                bytes: moments
                    .map(|moment| (line.bytes as f64 * moment) as i64)
                    .to_vec(),
            })
            .collect(),
    };
    Reconciliation {
        lines,
        resident: resident as u64,
        remainder,
        instrument_effect: effect,
        ledger_gap: outside as f64 / resident as f64,
        unaccounted_share: (outside + remainder) as f64 / resident as f64,
        refused: None,
        course,
    }
}

pub(super) fn profile(sites: &[(&str, &str, &str, f64)]) -> HeapProfile {
    let sites: Vec<CallSite> = sites
        .iter()
        .map(|&(inner, middle, outer, mib)| CallSite {
            frames: vec![inner.into(), middle.into(), outer.into()],
            at_peak: (mib * MIB) as u64,
            blocks_at_peak: (mib * 311.0) as u64 + 1,
            total: (mib * 2.7 * MIB) as u64,
            allocations: (mib * 1402.0) as u64 + 1,
            ..CallSite::default()
        })
        .collect();
    HeapProfile {
        at_peak: sites.iter().map(|s| s.at_peak).sum::<u64>() + 400_000,
        total: sites.iter().map(|s| s.total).sum::<u64>() + 900_000,
        allocations: sites.iter().map(|s| s.allocations).sum::<u64>() + 1_000,
        sites,
        stripped: false,
        file: Some("in-memory.dhat-heap.json".into()),
        size: Some("smoke".into()),
        ..HeapProfile::default()
    }
}

pub(super) fn latency() -> ReportedHistogram {
    ReportedHistogram {
        name: "merge of a level".into(),
        unit: Unit::Seconds,
        count: 812,
        min: 38e-6,
        max: 0.0412,
        mean: 0.00121,
        quantiles: vec![
            (0.5, 0.00081),
            (0.9, 0.0024),
            (0.99, 0.0118),
            (0.999, 0.0391),
        ],
    }
}
