//! Three implementations of a search that complete, and one that does not.

use std::collections::BTreeMap;

use super::super::{Metric, VariantReport};
use super::MIB;
use super::parts::{floor, latency, metric, metrics, profile, reconciliation, relative, timeline};
use crate::evidence::Outcome;
use plimsoll_workload::Unit;

fn variant(id: &str, about: &str, digest: Option<&str>) -> VariantReport {
    let mut params = serde_json::Map::new();
    params.insert("seed".into(), 1.into());
    params.insert("sentences".into(), 16_000.into());
    params.insert("vocabulary".into(), 2_000.into());
    VariantReport {
        id: id.into(),
        about: about.into(),
        baseline: false,
        implementation: id.into(),
        build: None,
        params,
        inputs: None,
        threads: None,
        allocator: "system".into(),
        outcome: Outcome::Completed,
        diagnosis: "completed".into(),
        digests: digest
            .into_iter()
            .map(|value| ("orthos".to_owned(), value.to_owned()))
            .collect(),
        metrics: BTreeMap::new(),
        steps: vec![],
        relative: BTreeMap::new(),
        histograms: vec![],
        timeline: None,
        reconciliation: None,
        profile: None,
        stderr_tail: None,
        floor: None,
    }
}

const DIGEST: &str = "sum64:ee0d087930156b10";

pub(super) fn in_memory() -> VariantReport {
    let wall = [55.2, 54.1, 57.9, 55.6, 54.8, 56.3];
    let peak = 2898.4;
    let mut this = variant(
        "in-memory",
        "Work queue and seen set in memory, as the project had it.",
        Some(DIGEST),
    );
    this.baseline = true;
    metrics(&mut this, &wall, 0.985, peak, [2731.0, 0.21]);
    this.timeline = Some(timeline(
        0,
        peak,
        55.6,
        &[
            ("read", 0.0, 0.004),
            ("intern", 0.004, 0.06),
            ("search", 0.06, 1.0),
        ],
        &|x| {
            // The seen set doubles as it grows: resident memory climbs in steps.
            let steps = (x * 6.0).floor() / 6.0;
            0.01 + 0.62 * x + 0.37 * steps.powf(1.3)
        },
    ));
    this.reconciliation = Some(reconciliation(
        peak,
        0.006,
        &[
            ("queue", 812.0, true),
            ("seen set", 1104.0, true),
            ("interner", 18.2, true),
            ("Rust heap not in the ledger", 796.8, false),
            ("C heap", 0.2, false),
            ("allocator slack", 148.6, false),
            ("stacks", 0.1, false),
            ("code and data", 5.9, false),
            ("file-backed", 1.1, false),
        ],
    ));
    this.profile = Some(profile(&[
        (
            "hashbrown::raw::RawTable<T>::reserve_rehash",
            "ortho::in_memory::Seen::insert",
            "ortho::in_memory::search",
            38.1,
        ),
        (
            "alloc::raw_vec::RawVec<T>::grow_amortized",
            "ortho::in_memory::Queue::push",
            "ortho::in_memory::search",
            27.4,
        ),
        (
            "alloc::vec::Vec<T>::clone",
            "ortho::model::Ortho::child",
            "ortho::in_memory::expand",
            21.9,
        ),
        (
            "alloc::raw_vec::RawVec<T>::with_capacity",
            "ortho::interner::Interner::intern",
            "ortho::in_memory::run",
            2.2,
        ),
    ]));
    this
}

pub(super) fn level_wise() -> VariantReport {
    let wall = [7.81, 7.42, 8.03, 7.64, 7.72, 7.55];
    let mut this = variant(
        "level-wise",
        "One level at a time on disk, duplicates detected when levels are merged.",
        Some(DIGEST),
    );
    this.params.insert("buffer".into(), "16 MiB".into());
    metrics(&mut this, &wall, 1.31, 40.3, [29.4, 1.2]);
    relative(
        &mut this,
        &[
            ("wall", 0.138, 0.134, 0.142, 6),
            ("cpu", 0.149, 0.141, 0.158, 6),
            ("peak_rss", 0.0139, 0.0139, 0.0139, 6),
        ],
    );
    this.metrics.insert(
        "scratch_peak".into(),
        metric(Unit::Bytes, "sampler", &[412.6 * MIB]),
    );
    this.floor = Some(floor());
    this.timeline = Some(timeline(
        2,
        40.3,
        7.72,
        &[
            ("read", 0.0, 0.03),
            ("intern", 0.03, 0.38),
            ("search", 0.38, 1.0),
        ],
        &|x| {
            if x < 0.38 {
                0.2 + x
            } else {
                0.72 + 0.28 * (x * 47.0).sin().abs()
            }
        },
    ));
    this.reconciliation = Some(reconciliation(
        40.3,
        0.004,
        &[
            ("buffer", 16.0, true),
            ("interner", 8.2, true),
            ("merge cursors", 4.0, true),
            ("Rust heap not in the ledger", 1.3, false),
            ("C heap", 1.2, false),
            ("allocator slack", 3.1, false),
            ("stacks", 0.1, false),
            ("code and data", 5.2, false),
            ("file-backed", 1.0, false),
        ],
    ));
    this.profile = Some(profile(&[
        (
            "alloc::raw_vec::RawVec<T>::with_capacity",
            "ortho::level_wise::Buffer::new",
            "ortho::level_wise::run",
            16.0,
        ),
        (
            "alloc::raw_vec::RawVec<T>::with_capacity",
            "ortho::interner::Interner::intern",
            "ortho::level_wise::run",
            2.2,
        ),
    ]));
    this.histograms.push(latency());
    this
}

pub(super) fn depth_first() -> VariantReport {
    let wall = [1.98, 1.94, 2.11, 1.97, 2.02, 1.95];
    let mut this = variant(
        "depth-first",
        "Canonical parent: each ortho is reached once, so neither queue nor seen set is needed.",
        Some(DIGEST),
    );
    this.threads = Some(2);
    metrics(&mut this, &wall, 1.62, 13.9, [6.3, 0.2]);
    relative(
        &mut this,
        &[
            ("wall", 0.0357, 0.0351, 0.0364, 6),
            ("cpu", 0.0586, 0.0571, 0.0602, 6),
            ("peak_rss", 0.0048, 0.0048, 0.0048, 6),
        ],
    );
    this.timeline = Some(timeline(
        3,
        13.9,
        1.97,
        &[
            ("read", 0.0, 0.1),
            ("intern", 0.1, 0.55),
            ("search", 0.55, 1.0),
        ],
        &|x| {
            if x < 0.55 { 0.5 + 0.8 * x } else { 0.985 }
        },
    ));
    this.reconciliation = Some(reconciliation(
        13.9,
        0.007,
        &[
            ("interner", 5.9, true),
            ("stack of frames", 0.2, true),
            ("Rust heap not in the ledger", 0.2, false),
            ("C heap", 0.2, false),
            ("allocator slack", 0.9, false),
            ("stacks", 0.2, false),
            ("code and data", 5.3, false),
            ("file-backed", 1.1, false),
        ],
    ));
    this.profile = Some(profile(&[
        (
            "alloc::raw_vec::RawVec<T>::with_capacity",
            "ortho::interner::Interner::intern",
            "ortho::depth_first::run",
            2.2,
        ),
        (
            "alloc::raw_vec::RawVec<T>::with_capacity",
            "ortho::depth_first::Frames::new",
            "ortho::depth_first::run",
            0.1,
        ),
    ]));
    this
}

pub(super) fn disk_queue() -> VariantReport {
    let mut this = variant(
        "disk-queue",
        "A bounded buffer in memory, the overflow in chunk files.",
        None,
    );
    this.params.insert("buffer".into(), "16 MiB".into());
    this.outcome = Outcome::TimedOut;
    this.diagnosis = "timed-out: stopped at limits.wall of 20 min, in phase search, at 83 %".into();
    this.stderr_tail = Some("loading chunk 4811\nwriting chunk 4812\nSIGTERM: leaving\n".into());
    for name in ["wall", "cpu"] {
        this.metrics.insert(
            name.into(),
            Metric::Absent {
                absent: "no completed trial".into(),
            },
        );
    }
    this.metrics.insert(
        "peak_rss".into(),
        metric(Unit::Bytes, "wait4", &[1921.4 * MIB]),
    );
    this.timeline = Some(timeline(
        1,
        1921.4,
        1200.0,
        &[
            ("read", 0.0, 0.001),
            ("intern", 0.001, 0.003),
            ("search", 0.003, 1.0),
        ],
        &|x| 0.02 + 0.97 * x.sqrt(),
    ));
    if let Some(timeline) = &mut this.timeline
        && let Some(last) = timeline.phases.last_mut()
    {
        last.end = None;
    }
    this
}
