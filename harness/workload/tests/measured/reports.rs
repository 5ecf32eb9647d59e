//! What a run leaves behind: events, gauges, exit codes.

use std::process::Command;

use plimsoll_workload::env::Instrument;
use plimsoll_workload::event::Kind;
use plimsoll_workload::{Better, Exit, Unit};

use super::run::{Test, Trial};

pub(crate) const TESTS: &[Test] = &[
    ("a_run_reports_in_order", a_run_reports_in_order),
    (
        "failures_have_exit_codes_of_their_own",
        failures_have_exit_codes,
    ),
    ("steps_are_told_apart", steps_are_told_apart),
    ("gauges_outlive_a_kill", gauges_outlive_a_kill),
    (
        "more_names_than_slots_are_said",
        more_names_than_slots_are_said,
    ),
    (
        "phase_peaks_are_stored_before_they_are_reset",
        phase_peaks_are_stored,
    ),
    ("sigterm_is_a_question", sigterm_is_a_question),
];

fn a_run_reports_in_order() {
    let left = Trial::new("reports", Instrument::Clock).completes();
    let kinds = left.kinds();
    let phase = || "build".to_string();
    let metric = |value| Kind::Metric {
        name: "size".into(),
        unit: Unit::Bytes,
        better: Better::Lower,
        value,
    };
    let misuse = |about: &str| Kind::Misuse {
        about: about.into(),
    };
    let digest = |name: &str, value: &str| Kind::Digest {
        name: name.into(),
        value: value.into(),
    };
    assert_eq!(kinds[0], Kind::PhaseBegin { phase: phase() });
    assert_eq!(
        kinds[1],
        misuse(
            "phase `inner` began while phase `build` ran; phases are exclusive, so it is not recorded"
        )
    );
    assert_eq!(
        kinds[2],
        Kind::PhaseEnd {
            phase: phase(),
            peak_rss: None
        }
    );
    let Kind::Histogram {
        name,
        unit,
        count,
        min,
        mean,
        p50,
        p99,
        max,
        ..
    } = &kinds[3]
    else {
        panic!("{:?}", kinds[3])
    };
    assert_eq!(
        (name.as_str(), *unit, *count),
        ("latency", Unit::Seconds, 1000)
    );
    assert_eq!((*min, *max), (0.001, 1.0));
    assert!(
        (mean - 0.5005).abs() < 1e-9
            && (p50 / 0.5 - 1.0).abs() < 1e-3
            && (p99 / 0.99 - 1.0).abs() < 1e-3
    );
    assert_eq!(
        kinds[4],
        misuse("histogram `latency` was given 1 values below zero, infinite or not numbers")
    );
    assert_eq!(kinds[5], metric(1_048_576.0));
    assert_eq!(
        kinds[6],
        misuse("metric `nonsense` is inf, which is not a finite number")
    );
    // BLAKE3 of "ab" by its reference tool, `printf ab | b3sum`.
    let ordered = format!("blake3:{}", blake3::hash(b"ab").to_hex());
    assert_eq!(kinds[7], digest("ordered", &ordered));
    let low =
        |item: &[u8]| u128::from_le_bytes(blake3::hash(item).as_bytes()[..16].try_into().unwrap());
    let unordered = format!("sum128:{:032x}", low(b"b").wrapping_add(low(b"a")));
    assert_eq!(kinds[8], digest("unordered", &unordered));
    assert_eq!(kinds[9], digest("known", "sum64:ee0d087930156b10"));
    assert!(matches!(&kinds[10], Kind::Stage { stage, count: 1, .. } if stage == "hash"));
    assert_eq!(kinds[11..], [Kind::End { cancelled: false }]);
    assert!(left.events.is_sorted_by_key(|event| event.t));

    let progress = left.gauges.progress.as_ref().unwrap();
    assert_eq!(
        (progress.unit.as_str(), progress.done, progress.total),
        ("orthos", 10, Some(10))
    );
    assert_eq!(left.component("queue"), Some(150));
    assert_eq!(
        (left.gauges.phase.as_deref(), left.gauges.phases[0].begun),
        (None, 1)
    );
}

fn failures_have_exit_codes() {
    for (implementation, exit, stderr) in [
        (
            "refuses",
            Exit::Refused,
            "refused: needs 3 GiB, has 1 GiB; use level-wise\n",
        ),
        (
            "bad-input",
            Exit::WrongInput,
            "corpus.txt, line 3: no words\n",
        ),
        (
            "fails",
            Exit::Failed,
            "writing /x: No space left on device (os error 28); free some space or choose another disk\n",
        ),
    ] {
        let left = Trial::new(implementation, Instrument::Clock).run();
        assert_eq!(
            (left.code, left.stderr.as_str()),
            (Some(exit.code().into()), stderr)
        );
        assert_eq!(left.kinds().last(), Some(&Kind::End { cancelled: false }));
        if exit == Exit::Refused {
            let (needed, available) = (3 << 30, 1 << 30);
            assert_eq!(
                left.kinds()[0],
                Kind::Refused {
                    needed,
                    available,
                    hint: "use level-wise".into()
                }
            );
        }
    }
    let left = Trial::new("panics", Instrument::Clock).run();
    assert_eq!(left.code, Some(Exit::Panicked.code().into()));
    assert!(
        left.stderr.contains("the invariant is broken"),
        "{}",
        left.stderr
    );
    let phase = || "doomed".to_string();
    assert_eq!(
        left.kinds(),
        [
            Kind::PhaseBegin { phase: phase() },
            Kind::PhaseEnd {
                phase: phase(),
                peak_rss: None
            }
        ]
    );
}

fn steps_are_told_apart() {
    let run = |step: &str| {
        let mut trial = Trial::new("steps", Instrument::Clock);
        trial.environment.step = step.into();
        trial.run()
    };
    let left = run("query");
    assert_eq!(
        left.kinds()[0],
        Kind::Digest {
            name: "step".into(),
            value: "query".into()
        }
    );
    assert_eq!(
        run("qeury").stderr,
        "implementation `steps` has no step `qeury`; did you mean `query`?\n"
    );
    assert_eq!(
        run("").stderr,
        "implementation `steps` runs in steps: set PLIMSOLL_STEP to one of build, query\n"
    );
}

fn gauges_outlive_a_kill() {
    let trial = Trial::new("hangs", Instrument::Count);
    let mut child = trial.spawn("run");
    let writer = child.id();
    // The sampler sees the 10 MiB without the program's help.
    trial.wait_for(|snapshot| snapshot.held.is_some_and(|held| held.held >= 10 << 20));
    child.kill().unwrap();
    let output = child.wait_with_output().unwrap();
    let left = trial.left(output);
    assert_eq!(left.signal, Some(9));
    let progress = left.gauges.progress.as_ref().unwrap();
    assert_eq!(
        (progress.unit.as_str(), progress.done, progress.total),
        ("rows", 37, None)
    );
    assert_eq!(left.component("index"), Some(12_345));
    assert_eq!(
        (left.gauges.phase.as_deref(), left.gauges.writer),
        (Some("build"), writer)
    );
    assert!(
        left.gauges.rust.unwrap().live >= 10 << 20,
        "{:?}",
        left.gauges
    );
    assert_eq!(
        left.kinds(),
        [Kind::PhaseBegin {
            phase: "build".into()
        }]
    );
}

fn more_names_than_slots_are_said() {
    let left = Trial::new("overfills", Instrument::Clock).completes();
    assert_eq!(left.gauges.ledger.len(), 32);
    assert!(
        left.gauges
            .ledger
            .iter()
            .enumerate()
            .all(|(i, l)| l.component == format!("component {i}") && l.bytes == 2)
    );
    assert_eq!(left.gauges.phases.len(), 64);
    assert_eq!(
        (
            left.gauges.phases[0].name.as_str(),
            left.gauges.phases[0].begun
        ),
        ("phase 0", 4)
    );
    assert_eq!(left.gauges.left_out, 8 + 6 + 1);
    let notices: Vec<_> = left
        .kinds()
        .into_iter()
        .filter_map(|kind| match kind {
            Kind::Notice { about } => Some(about),
            _ => None,
        })
        .collect();
    let said =
        "ledger component `component 32` has no slot left in the gauge page and is not shown there";
    assert_eq!(
        notices.iter().filter(|about| *about == said).count(),
        1,
        "said once: {notices:?}"
    );
    // Phases without a slot are in the events all the same.
    assert!(left.kinds().contains(&Kind::PhaseEnd {
        phase: "phase 69".into(),
        peak_rss: None
    }));
}

fn phase_peaks_are_stored() {
    let mut trial = Trial::new("peaks", Instrument::Clock);
    trial.environment.phase_peaks = true;
    let left = trial.completes();
    if left
        .kinds()
        .iter()
        .any(|kind| matches!(kind, Kind::Notice { .. }))
    {
        // A kernel or sandbox without clear_refs: said, and no peak is made up.
        assert!(
            left.gauges
                .phases
                .iter()
                .skip(1)
                .all(|phase| phase.peak.is_none())
        );
        return;
    }
    let mebibytes = |bytes: u64| bytes as f64 / f64::from(1 << 20);
    let peak = |name: &str| {
        let phase = left
            .gauges
            .phases
            .iter()
            .find(|phase| phase.name == name)
            .unwrap();
        mebibytes(phase.peak.unwrap())
    };
    let (large, small) = (peak("large"), peak("small"));
    assert!(
        (20.0..32.0).contains(&large),
        "the larger of its two runs, without what was before: {large}"
    );
    assert!(
        (4.0..16.0).contains(&small) && large - small > 12.0,
        "{small}"
    );
    assert!(
        mebibytes(left.gauges.resident_peak.unwrap()) >= 40.0,
        "{:?}",
        left.gauges.resident_peak
    );
    let said: Vec<_> = left
        .kinds()
        .into_iter()
        .filter_map(|kind| match kind {
            Kind::PhaseEnd { peak_rss, .. } => Some(mebibytes(peak_rss.unwrap())),
            _ => None,
        })
        .collect();
    assert!(said.len() == 3 && said[2] < said[0], "{said:?}");
}

fn sigterm_is_a_question() {
    for (implementation, exit, cancelled) in [
        ("waits-for-term", Exit::Cancelled, true),
        ("ignores-term", Exit::Completed, false),
    ] {
        let trial = Trial::new(implementation, Instrument::Clock);
        let child = trial.spawn("run");
        trial.wait_for(|snapshot| !snapshot.ledger.is_empty());
        assert!(
            Command::new("kill")
                .arg(child.id().to_string())
                .status()
                .unwrap()
                .success()
        );
        let output = child.wait_with_output().unwrap();
        let left = trial.left(output);
        assert_eq!((left.code, left.signal), (Some(exit.code().into()), None));
        assert_eq!(left.kinds(), [Kind::End { cancelled }]);
    }
}
