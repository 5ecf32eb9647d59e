//! A realistic report with fixed numbers, and a hostile one, for the tests of the renderers.

mod hostile;
mod parts;
mod sweeps;
mod variants;

use std::collections::BTreeMap;

pub(crate) use self::hostile::{attack, hostile};
use self::variants::{depth_first, disk_queue, in_memory, level_wise};
use super::{Metric, Report, SCHEMA_VERSION, TrialSummary, VariantReport, Verdict, VerdictReport};
use crate::evidence::{Block, CapsKind, Instrument, Machine, Outcome, Role, TrialHead};

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
        part: None,
        scenario_digest: "blake3:9f2c6d0b5a7e4c1183f0aa3e5d7c9b21".into(),
        scenario_text: SCENARIO.into(),
        started: "2026-11-21T15:20:00Z".into(),
        elapsed: 1323.4,
        command: "plimsoll run scenarios/ortho.yaml --size full".into(),
        machine: machine(),
        memory_cap: Some(20 << 30),
        instructions_at: None,
        resolution: Some(3 << 20),
        seed: 1,
        interrupted: false,
        warnings: vec![
            "The machine was busy: load 1.8 on 2 cores when the session began; times may be up to 9 % off.".into(),
        ],
        method: "Ratios are medians of paired ratios; intervals are order statistics of the pairs, at 98.3 % after paying for 3 looks.".into(),
        trials: trials(&variants),
        variants,
        sweeps: sweeps::sweeps(),
        verdicts: verdicts(),
        comparison: None,
        exit_code: 1,
    }
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
        gate: true,
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
            head: TrialHead {
                number,
                variant: variant.id.clone(),
                instrument,
                role,
                block,
                under,
                point: None,
                outcome,
                diagnosis,
                verification: None,
                notes: vec![],
            },
            wall,
            cpu: wall * 0.985,
            peak_rss: peak_rss as u64,
            metrics: BTreeMap::from([
                ("wall".into(), wall),
                ("cpu".into(), wall * 0.985),
                ("peak_rss".into(), peak_rss),
            ]),
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
