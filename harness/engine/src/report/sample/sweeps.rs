//! What was swept: a size over which two variants grow, and a knob that trades quality for time.

use std::collections::BTreeMap;

use plimsoll_workload::{Better, Unit};

use super::super::{
    AtQualityReport, CurvePoint, FittedGrowth, FrontierPointReport, FrontierReport, GrowthReport,
    Metric, MetricValue, ModelReport, PointReport, RangeReport, SweepReport, SweptReport,
};
use crate::evidence::{Aggregate, Outcome};

/// Both sweeps.
pub(super) fn sweeps() -> Vec<SweepReport> {
    vec![by_size(), by_quality()]
}

fn value(unit: Unit, better: Better, values: &[f64]) -> Metric {
    Metric::Value(MetricValue {
        unit,
        source: "clock".into(),
        better,
        aggregate: Aggregate::Median,
        n: values.len() as u32,
        min: values[0],
        median: values[values.len() / 2],
        max: values[values.len() - 1],
        values: values.to_vec(),
    })
}

fn point(at: f64, metrics: BTreeMap<String, Metric>) -> PointReport {
    PointReport {
        value: at,
        outcome: Outcome::Completed,
        diagnosis: "completed".into(),
        metrics,
    }
}

fn by_size() -> SweepReport {
    let wall = |n: f64| 8e-4 + 12e-6 * n.powf(1.5);
    let at = |n: f64| {
        let walls = [0.98, 1.0, 1.03].map(|off| wall(n) * off);
        let metrics = [(
            "wall".to_owned(),
            value(Unit::Seconds, Better::Lower, &walls),
        )];
        point(n, BTreeMap::from(metrics))
    };
    let curve = |n: f64| CurvePoint {
        size: n,
        range: RangeReport {
            value: wall(n),
            low: wall(n) * 0.95,
            high: wall(n) * 1.06,
        },
    };
    let model = |model: &str, formula: &str, behind: f64| ModelReport {
        model: model.into(),
        formula: formula.into(),
        a: 8e-4,
        b: 12e-6,
        k: Some(1.5),
        behind,
        weight: (-behind / 2.0).exp(),
        left_out: 0.021,
        equivalent: behind < 6.0,
    };
    let fitted = FittedGrowth {
        words: "grows as 800 us + 12.0 us x n^1.50 (1.44 to 1.58); AICc and leave-one-out agree"
            .into(),
        unit: Unit::Seconds,
        models: vec![
            model("a + b n^k", "800 us + 12.0 us x n^1.50", 0.0),
            model("b n^k", "13.4 us x n^1.48", 4.2),
            model("b n", "1.20 ms x n", 41.3),
        ],
        foretells: "a + b n^k".into(),
        exponent: RangeReport {
            value: 1.5,
            low: 1.44,
            high: 1.58,
        },
        level: 0.99,
        curve: [100.0, 400.0, 1600.0, 6400.0, 25_600.0].map(curve).to_vec(),
        largest: 6400.0,
    };
    let absent = "3 of at least 4 sizes are known; at 6400: disk-queue ended timed-out";
    let swept = |id: &str, growth| SweptReport {
        id: id.into(),
        points: [100.0, 400.0, 1600.0, 6400.0].map(at).to_vec(),
        growth: BTreeMap::from([("wall".to_owned(), growth)]),
        frontiers: BTreeMap::new(),
    };
    SweepReport {
        parameter: "sentences".into(),
        quality: None,
        variants: vec![
            swept("in-memory", GrowthReport::Fitted(Box::new(fitted))),
            swept(
                "disk-queue",
                GrowthReport::Absent {
                    absent: absent.into(),
                },
            ),
        ],
    }
}

fn by_quality() -> SweepReport {
    let at = |(ef, recall, rate): (f64, f64, f64)| {
        let metrics = [
            (
                "recall".to_owned(),
                value(Unit::Share, Better::Higher, &[recall]),
            ),
            (
                "qps".to_owned(),
                value(Unit::PerSecond, Better::Higher, &[rate]),
            ),
        ];
        point(ef, BTreeMap::from(metrics))
    };
    let on = |(parameter, quality, cost)| FrontierPointReport {
        parameter,
        quality,
        cost,
    };
    let known = [
        (8.0, 0.90, 1600.0),
        (16.0, 0.96, 800.0),
        (32.0, 0.99, 200.0),
    ];
    let beaten = (24.0, 0.93, 300.0);
    let frontier = FrontierReport::Known {
        points: known.map(on).to_vec(),
        at: vec![AtQualityReport {
            quality: 0.95,
            cost: Some(898.0),
            told: "898 /s".into(),
        }],
    };
    SweepReport {
        parameter: "ef".into(),
        quality: Some("recall".into()),
        variants: vec![SweptReport {
            id: "depth-first".into(),
            points: [known[0], known[1], beaten, known[2]].map(at).to_vec(),
            growth: BTreeMap::new(),
            frontiers: BTreeMap::from([("qps".to_owned(), frontier)]),
        }],
    }
}
