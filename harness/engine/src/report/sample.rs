//! A realistic report with fixed numbers, and a hostile one, for the tests of the renderers.

use std::collections::BTreeMap;

use plimsoll_workload::{Better, Unit};

use super::*;
use crate::evidence::{
    Aggregate, Block, CallSite, CapsKind, HeapProfile, Instrument, Machine, Outcome, PhaseSpan,
    ReportedHistogram, Role, Sample,
};

const MIB: f64 = 1024.0 * 1024.0;

/// Three implementations of a search and one that did not finish in time.
pub(crate) fn report() -> Report {
    let in_memory = in_memory();
    let level_wise = level_wise();
    let depth_first = depth_first();
    let disk_queue = disk_queue();
    let variants = vec![in_memory, disk_queue, level_wise, depth_first];
    Report {
        schema_version: SCHEMA_VERSION,
        scenario: "ortho".into(),
        about: "Ten million orthos from seeded text; the in-memory queue against bounded ones.".into(),
        size: "full".into(),
        scenario_digest: "blake3:9f2c6d0b5a7e4c1183f0aa3e5d7c9b21".into(),
        scenario_text: SCENARIO.into(),
        started: "2026-11-21T15:20:00Z".into(),
        elapsed: 1323.4,
        command: "plimsoll run scenarios/ortho.yaml --size full".into(),
        machine: machine(),
        memory_cap: Some(20 << 30),
        seed: 1,
        interrupted: false,
        warnings: vec![
            "The machine was busy: load 1.8 on 2 cores when the session began; times may be up to 9 % off.".into(),
        ],
        method: "Ratios are medians of paired ratios; intervals are bootstrapped over pairs (10,000 resamples), at 98.3 % after paying for 3 looks.".into(),
        trials: trials(&variants),
        variants,
        verdicts: verdicts(),
        exit_code: 1,
    }
}

/// A report whose every text is an attack on whatever shows it.
pub(crate) fn hostile() -> Report {
    let mut report = report();
    let attack = attack();
    report.scenario = attack.clone();
    report.about = attack.clone();
    report.size = attack.clone();
    report.scenario_text = attack.clone();
    report.command = attack.clone();
    report.method = attack.clone();
    report.started = attack.clone();
    report.warnings = vec![attack.clone()];
    report.machine.cpu = attack.clone();
    report.machine.os = attack.clone();
    for variant in &mut report.variants {
        variant.id = format!("{}{attack}", variant.id);
        variant.about = attack.clone();
        variant.implementation = attack.clone();
        variant.allocator = attack.clone();
        variant.diagnosis = attack.clone();
        variant.stderr_tail = Some(attack.clone());
        variant.params.insert(attack.clone(), attack.clone().into());
        variant.digests.insert(attack.clone(), attack.clone());
        variant.metrics.insert(
            attack.clone(),
            Metric::Absent {
                absent: attack.clone(),
            },
        );
        for histogram in &mut variant.histograms {
            histogram.name = attack.clone();
        }
        if let Some(timeline) = &mut variant.timeline {
            timeline
                .phases
                .iter_mut()
                .for_each(|phase| phase.name = attack.clone());
        }
        if let Some(reconciliation) = &mut variant.reconciliation {
            reconciliation
                .lines
                .iter_mut()
                .for_each(|line| line.what = attack.clone());
            reconciliation.refused = Some(attack.clone());
        }
        if let Some(profile) = &mut variant.profile {
            profile.file = Some(attack.clone());
            profile
                .sites
                .iter_mut()
                .for_each(|site| site.frames = vec![attack.clone(); 3]);
        }
    }
    for verdict in &mut report.verdicts {
        verdict.target = attack.clone();
        verdict.evidence = attack.clone();
        verdict.reason = Some(attack.clone());
        verdict.metric = Some(attack.clone());
    }
    for trial in &mut report.trials {
        trial.variant = format!("{}{attack}", trial.variant);
        trial.diagnosis = attack.clone();
        trial.notes = vec![attack.clone()];
    }
    report
}

/// Script, quotes, table and code syntax, escapes, control characters, reordering, and length.
pub(crate) fn attack() -> String {
    format!(
        "</title></style></svg></textarea><script>alert(1)</script><img src=x onerror=alert(1)>\
         \"'`|*_[x](javascript:alert(1))\n\n# head\n```\n<!-- --> ]]> &lt; </details>\
         \u{1b}[2J\u{1b}[31m\u{1b}]0;title\u{7}\u{0}\u{8}\u{9b}1m\u{202e}reversed\u{202c}=cmd()\r\n@everyone #1 {}",
        "A".repeat(10_000)
    )
}

const SCENARIO: &str = "\
name: ortho
about: Ten million orthos from seeded text; the in-memory queue against bounded ones.
workload: ortho
params: { seed: 1, vocabulary: 2000 }
sizes:
  smoke: { sentences: 300 }
  full:  { sentences: 16000 }
variants:
  - { id: in-memory, baseline: true }
  - { id: disk-queue, params: { buffer: 16 MiB } }
  - { id: level-wise, params: { buffer: 16 MiB } }
  - { id: depth-first }
limits: { wall: 20 min, stall: 60 s, memory: 20 GiB }
measure: { warmup: 1, runs: { min: 6, max: 20 }, sample_every: 10 ms, dhat: { size: smoke } }
targets:
  - { metric: peak_rss, variant: depth-first, at_most: 48 MiB }
  - { metric: peak_rss, variant: level-wise, at_most: 64 MiB }
  - { metric: wall, variant: depth-first, at_most: 0.10 x baseline }
  - { metric: wall, variant: level-wise, at_most: 0.12 x baseline }
  - { metric: cpu, variant: level-wise, at_most: 0.15 x baseline }
  - { metric: wall, variant: disk-queue, at_most: 4 x baseline }
  - { identical: [in-memory, level-wise, depth-first], digest: orthos }
  - { outcome: out-of-memory, variant: in-memory, under: { memory: 100 MiB } }
";

fn machine() -> Machine {
    Machine {
        cpu: "AMD EPYC 7763 64-Core Processor".into(),
        cores: 2,
        memory: 24 << 30,
        available: 21_474_836_480,
        swap: 0,
        kernel: "6.18.0".into(),
        os: "Debian GNU/Linux 12 (bookworm)".into(),
        arch: "x86_64".into(),
        governor: None,
        load: 1.8,
        caps: CapsKind::CgroupV1,
        page_size: 4096,
        plimsoll: "0.1.0".into(),
        debug_build: false,
        fingerprint: "m-5d7c9b21".into(),
    }
}

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
        params,
        threads: None,
        allocator: "system".into(),
        outcome: Outcome::Completed,
        diagnosis: "completed".into(),
        digests: digest
            .into_iter()
            .map(|value| ("orthos".to_owned(), value.to_owned()))
            .collect(),
        metrics: BTreeMap::new(),
        relative: BTreeMap::new(),
        histograms: vec![],
        timeline: None,
        reconciliation: None,
        profile: None,
        stderr_tail: None,
    }
}

const DIGEST: &str = "sum64:ee0d087930156b10";

fn in_memory() -> VariantReport {
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

fn level_wise() -> VariantReport {
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

fn depth_first() -> VariantReport {
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

fn disk_queue() -> VariantReport {
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

fn metric(unit: Unit, source: &str, values: &[f64]) -> Metric {
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

fn metrics(variant: &mut VariantReport, wall: &[f64], cpu_share: f64, peak: f64, heap: [f64; 2]) {
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

fn relative(variant: &mut VariantReport, rows: &[(&str, f64, f64, f64, u32)]) {
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

fn timeline(
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

fn reconciliation(peak: f64, effect: f64, lines: &[(&str, f64, bool)]) -> Reconciliation {
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
    Reconciliation {
        lines,
        resident: resident as u64,
        remainder,
        instrument_effect: effect,
        unaccounted_share: (outside + remainder) as f64 / resident as f64,
        refused: None,
    }
}

fn profile(sites: &[(&str, &str, &str, f64)]) -> HeapProfile {
    let sites: Vec<CallSite> = sites
        .iter()
        .map(|&(inner, middle, outer, mib)| CallSite {
            frames: vec![inner.into(), middle.into(), outer.into()],
            at_peak: (mib * MIB) as u64,
            blocks_at_peak: (mib * 311.0) as u64 + 1,
            total: (mib * 2.7 * MIB) as u64,
            allocations: (mib * 1402.0) as u64 + 1,
        })
        .collect();
    HeapProfile {
        at_peak: sites.iter().map(|s| s.at_peak).sum::<u64>() + 400_000,
        total: sites.iter().map(|s| s.total).sum::<u64>() + 900_000,
        allocations: sites.iter().map(|s| s.allocations).sum::<u64>() + 1_000,
        sites,
        stripped: false,
        file: Some("in-memory.dhat-heap.json".into()),
    }
}

fn latency() -> ReportedHistogram {
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

fn verdicts() -> Vec<VerdictReport> {
    let verdict = |target: &str,
                   verdict,
                   evidence: &str,
                   reason: Option<&str>,
                   line,
                   metric: Option<&str>,
                   variant: &str,
                   bound| VerdictReport {
        target: target.into(),
        verdict,
        evidence: evidence.into(),
        reason: reason.map(Into::into),
        line,
        metric: metric.map(Into::into),
        variants: vec![variant.into()],
        bound,
    };
    use Verdict::*;
    vec![
        verdict(
            "peak_rss of depth-first <= 48 MiB",
            Pass,
            "13.9 MiB (worst of 6)",
            None,
            17,
            Some("peak_rss"),
            "depth-first",
            Some(48.0 * MIB),
        ),
        verdict(
            "peak_rss of level-wise <= 64 MiB",
            Pass,
            "40.3 MiB (worst of 6)",
            None,
            18,
            Some("peak_rss"),
            "level-wise",
            Some(64.0 * MIB),
        ),
        verdict(
            "wall of depth-first <= 0.10 x baseline",
            Pass,
            "0.036 x [0.035, 0.036], 6 pairs",
            None,
            19,
            Some("wall"),
            "depth-first",
            None,
        ),
        verdict(
            "wall of level-wise <= 0.12 x baseline",
            Fail,
            "0.138 x [0.134, 0.142], 6 pairs",
            None,
            20,
            Some("wall"),
            "level-wise",
            None,
        ),
        verdict(
            "cpu of level-wise <= 0.15 x baseline",
            Inconclusive,
            "0.149 x [0.141, 0.158], 6 pairs",
            Some("the interval straddles the bound; about 30 more pairs would decide"),
            21,
            Some("cpu"),
            "level-wise",
            None,
        ),
        verdict(
            "wall of disk-queue <= 4 x baseline",
            Absent,
            "no completed trial",
            Some("timed-out: stopped at limits.wall of 20 min, in phase search, at 83 %"),
            22,
            Some("wall"),
            "disk-queue",
            None,
        ),
        verdict(
            "orthos identical across in-memory, level-wise, depth-first",
            Pass,
            "sum64:ee0d087930156b10 from 27 trials",
            None,
            23,
            None,
            "in-memory",
            None,
        ),
        verdict(
            "in-memory ends out-of-memory under 100 MiB",
            Pass,
            "out-of-memory: killed by the kernel at 100.0 MiB of 100 MiB after 1.3 s, in phase search, at 2 %",
            None,
            24,
            None,
            "in-memory",
            None,
        ),
    ]
}

fn trials(variants: &[VariantReport]) -> Vec<TrialSummary> {
    let mut trials = Vec::new();
    let mut push = |variant: &VariantReport,
                    instrument,
                    role,
                    block: Option<Block>,
                    wall: f64,
                    under: Option<u64>| {
        let number = u32::try_from(trials.len()).unwrap();
        let capped = under.is_some();
        let peak_rss = match variant.metrics.get("peak_rss") {
            Some(Metric::Value(value)) if !capped => value.median,
            _ => 100.0 * MIB,
        };
        let outcome = if capped {
            Outcome::OutOfMemory
        } else {
            variant.outcome
        };
        let diagnosis = if capped {
            "out-of-memory: killed by the kernel at 100.0 MiB of 100 MiB after 1.3 s, in phase search, at 2 %".into()
        } else {
            variant.diagnosis.clone()
        };
        trials.push(TrialSummary {
            number,
            variant: variant.id.clone(),
            instrument,
            role,
            block,
            under,
            outcome,
            diagnosis,
            wall,
            cpu: wall * 0.985,
            peak_rss: peak_rss as u64,
            metrics: BTreeMap::from([
                ("wall".into(), wall),
                ("cpu".into(), wall * 0.985),
                ("peak_rss".into(), peak_rss),
            ]),
            notes: vec![],
        });
    };
    for round in 0..6u32 {
        for position in 0..4u32 {
            let variant = &variants[((round + position) % 4) as usize];
            let wall = match variant.metrics.get("wall") {
                Some(Metric::Value(value)) => value.values[round as usize],
                _ if round == 0 => 1200.0,
                _ => continue,
            };
            push(
                variant,
                Instrument::Clock,
                Role::Measured,
                Some(Block { round, position }),
                wall,
                None,
            );
        }
    }
    for variant in variants.iter().filter(|v| v.outcome == Outcome::Completed) {
        push(variant, Instrument::Count, Role::Measured, None, 9.0, None);
        push(variant, Instrument::Dhat, Role::Measured, None, 3.0, None);
    }
    push(
        &variants[0],
        Instrument::Clock,
        Role::Capped,
        None,
        1.3,
        Some(100 << 20),
    );
    trials
}
