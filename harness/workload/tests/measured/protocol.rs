//! The verbs, events, gauges and exit codes, seen from the harness's side.

use std::process::Command;

use plimsoll_workload::describe::{Description, Key};
use plimsoll_workload::env::Instrument;
use plimsoll_workload::event::Kind;
use plimsoll_workload::{Better, Exit, Unit, Workload};
use serde_json::json;

use super::fixture::Fixture;
use super::run::{Test, Trial};

pub(crate) const TESTS: &[Test] = &[
    (
        "describe_tells_all_that_a_scenario_needs",
        describe_tells_all,
    ),
    (
        "key_completes_parameters_and_refuses_mistakes",
        key_completes_and_refuses,
    ),
    (
        "prepare_makes_inputs_and_prints_nothing",
        prepare_makes_inputs,
    ),
    ("a_run_reports_in_order", a_run_reports_in_order),
    (
        "failures_have_exit_codes_of_their_own",
        failures_have_exit_codes,
    ),
    (
        "mistakes_of_the_caller_are_named",
        mistakes_of_the_caller_are_named,
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

fn describe_tells_all() {
    let left = Trial::new("", Instrument::Clock).verb("describe");
    assert_eq!((left.code, left.stderr.as_str()), (Some(0), ""));
    let description: Description = serde_json::from_str(&left.stdout).unwrap();
    assert_eq!(description.protocol, 1);
    let names: Vec<_> = description
        .workloads
        .iter()
        .map(|w| w.name.as_str())
        .collect();
    assert_eq!(names, ["fixture", "other"]);
    let fixture = &description.workloads[0];
    assert_eq!(fixture.generator, 3);
    assert_eq!(
        fixture.implementations.len(),
        Fixture::implementations().len()
    );
    assert_eq!(fixture.implementations[1].steps, ["build", "query"]);
    assert_eq!(
        fixture.defaults,
        json!({ "seed": 1, "buffer": 1 << 20, "pieces": 100 })
    );
    assert_eq!(
        fixture.schema["properties"]["buffer"]["examples"],
        json!(["16 MiB"])
    );
    assert_eq!(
        (fixture.metrics[0].name.as_str(), fixture.metrics[0].unit),
        ("size", Unit::Bytes)
    );
    assert_eq!(fixture.digests, ["ordered", "unordered", "known"]);
}

fn key_completes_and_refuses() {
    let key = |params: &str| Trial::new("", Instrument::Clock).params(params).verb("key");
    let left = key(r#"{"buffer":"16 MiB","seed":5}"#);
    assert_eq!(left.code, Some(0), "{}", left.stderr);
    let key_of: Key = serde_json::from_str(&left.stdout).unwrap();
    assert_eq!(
        key_of.params,
        json!({ "seed": 5, "buffer": 16 << 20, "pieces": 100 })
    );
    assert_eq!(key_of.input_key, json!({ "seed": 5 }));
    for (params, message) in [
        (
            r#"{"sed":5}"#,
            "parameters of `fixture`: no parameter `sed`; did you mean `seed`?\n",
        ),
        (
            r#"{"xyzxyz":5}"#,
            "parameters of `fixture`: no parameter `xyzxyz`; there are buffer, pieces, seed\n",
        ),
        (
            r#"{"buffer":"5 MBB"}"#,
            "parameters of `fixture`: `buffer`: `5 MBB`: no unit `MBB`; did you mean `MB`?\n",
        ),
        (
            r#"{"seed":-1}"#,
            "parameters of `fixture`: `seed`: invalid value: integer `-1`, expected u64\n",
        ),
        (
            "[1]",
            "parameters of `fixture`: a JSON object is needed, such as {\"seed\": 1}, not [1]\n",
        ),
        (
            "{",
            "parameters of `fixture`: not JSON: EOF while parsing an object at line 1 column 1\n",
        ),
    ] {
        let left = key(params);
        assert_eq!(
            (left.code, left.stderr.as_str(), left.stdout.as_str()),
            (Some(2), message, "")
        );
    }
}

fn prepare_makes_inputs() {
    let left = Trial::new("", Instrument::Clock)
        .params(r#"{"seed":42}"#)
        .verb("prepare");
    assert_eq!(
        (left.code, left.stdout.as_str(), left.stderr.as_str()),
        (Some(0), "", "")
    );
    assert_eq!(
        std::fs::read_to_string(left.dir.path().join("inputs/corpus")).unwrap(),
        "42"
    );
}

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

/// The example of `docs/protocol.md`, as it stands there. Ignored where there is no Python.
pub(crate) fn documented_python_program() {
    let document = std::fs::read_to_string(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../docs/protocol.md"
    ))
    .unwrap();
    let program = document
        .split("```python\n")
        .nth(1)
        .unwrap()
        .split("```")
        .next()
        .unwrap();
    let python = |verb: &str, environment: &[(&'static str, std::ffi::OsString)]| {
        let output = Command::new("python3")
            .args(["-c", program, verb])
            .envs(environment.iter().cloned())
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        output.stdout
    };
    let description: Description = serde_json::from_slice(&python("describe", &[])).unwrap();
    assert_eq!(description.workloads[0].implementations[1].id, "closed");
    let digests = ["list", "closed"].map(|implementation| {
        let trial = Trial::new(implementation, Instrument::Clock).params(r#"{"n": 5000}"#);
        let key: Key =
            serde_json::from_slice(&python("key", &trial.environment.variables())).unwrap();
        assert_eq!(key.params, json!({ "n": 5000 }));
        python("run", &trial.environment.variables());
        let kinds = trial
            .events()
            .into_iter()
            .map(|event| event.kind)
            .collect::<Vec<_>>();
        assert!(
            matches!(kinds[0], Kind::PhaseBegin { .. })
                && matches!(kinds[3], Kind::End { cancelled: false })
        );
        kinds[2].clone()
    });
    assert!(matches!(&digests[0], Kind::Digest { name, .. } if name == "total"));
    assert_eq!(digests[0], digests[1]);
}

fn mistakes_of_the_caller_are_named() {
    let message = |implementation: &str, workload: &str, verb: &str| {
        let mut trial = Trial::new(implementation, Instrument::Clock);
        trial.environment.workload = (!workload.is_empty()).then(|| workload.into());
        let left = trial.verb(verb);
        assert_eq!((left.code, left.stdout.as_str()), (Some(2), ""));
        left.stderr
    };
    assert_eq!(
        message("", "fixtrue", "prepare"),
        "no workload `fixtrue`; did you mean `fixture`?\n"
    );
    assert_eq!(
        message("", "", "key"),
        "set PLIMSOLL_WORKLOAD to one of fixture, other\n"
    );
    assert_eq!(
        message("rust-hepa", "fixture", "run"),
        "workload `fixture` has no implementation `rust-hepa`; did you mean `rust-heap`?\n"
    );
    assert_eq!(
        message("reports", "fixture", "rnu"),
        "no verb `rnu`; did you mean `run`?\n"
    );
    let mut trial = Trial::new("reports", Instrument::Clock);
    trial.environment.scratch = None;
    let left = trial.run();
    assert_eq!(
        (left.code, left.stderr.as_str()),
        (
            Some(2),
            "PLIMSOLL_SCRATCH is not set: give it a directory, or start the program with `plimsoll run`\n"
        )
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
