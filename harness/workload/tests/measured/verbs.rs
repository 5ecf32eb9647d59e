//! The verbs besides `run`, and what they refuse.

use std::process::Command;

use plimsoll_workload::describe::{Description, Key, WorkloadDescription};
use plimsoll_workload::env::Instrument;
use plimsoll_workload::event::Kind;
use plimsoll_workload::{Unit, Workload};
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
    (
        "verify_reports_and_proves_and_uses_no_gauges",
        verify_reports_and_proves,
    ),
    (
        "verify_says_what_is_wrong_with_the_output",
        verify_says_what_is_wrong,
    ),
    (
        "mistakes_of_the_caller_are_named",
        mistakes_of_the_caller_are_named,
    ),
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
    let verifying = description.workloads.iter().map(|w| w.verifies);
    assert_eq!(verifying.collect::<Vec<_>>(), [true, false]);
    let old = r#"{"name":"old","generator":1,"implementations":[],"schema":{}}"#;
    let old: WorkloadDescription = serde_json::from_str(old).unwrap();
    assert!(!old.verifies, "a program from before the verb has none");
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

/// A trial of two steps after its last one, which has left `output`.
fn left_with(output: &str) -> Trial {
    let mut trial = Trial::new("steps", Instrument::Clock).params(r#"{"seed":42}"#);
    let path = trial.dir.path().join("output");
    std::fs::write(&path, output).unwrap();
    trial.environment.output = Some(path);
    trial.environment.step = "query".into();
    trial.environment.gauges = None;
    trial
}

fn verify_reports_and_proves() {
    let left = left_with("42").verb("verify");
    assert_eq!((left.code, left.stderr.as_str()), (Some(0), ""));
    assert_eq!(left.metric("size"), Some(f64::from(1 << 20)));
    let step = |kind: &Kind| matches!(kind, Kind::Digest { value, .. } if value == "query");
    assert!(left.kinds().iter().any(step), "{:?}", left.kinds());
    assert_eq!(left.gauges.ledger.len(), 0);
}

fn verify_says_what_is_wrong() {
    let left = left_with("41").verb("verify");
    assert_eq!(
        (left.code, left.stderr.as_str()),
        (Some(1), "41 is not 42\n")
    );
    let mut trial = left_with("42");
    trial.environment.step = "qurey".into();
    let left = trial.verb("verify");
    assert_eq!(
        (left.code, left.stderr.as_str()),
        (
            Some(2),
            "implementation `steps` has no step `qurey`; did you mean `query`?\n"
        )
    );
    let mut trial = left_with("42");
    trial.environment.workload = Some("other".into());
    let left = trial.verb("verify");
    assert_eq!(
        (left.code, left.stderr.as_str()),
        (Some(2), "workload `other` does not verify its output\n")
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
