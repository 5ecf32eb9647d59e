//! Stored results held against one another, and baselines by name.

use serde_json::Value;

use crate::support::{Ended, Project, names_in, program};

const SCENARIO: &str = r#"
name: writes
sizes: { smoke: {}, default: {} }
variants:
  - { id: plain, baseline: true, command: [./plain], output: stdout }
  - { id: other, command: [./other], output: stdout }
limits: { wall: 30 s }
measure: { warmup: 0, runs: { min: 5, max: 5 } }
"#;

/// Two programs that write the same; one of them holds this many bytes meanwhile.
fn project(bytes: usize) -> (Project, String) {
    let project = Project::new();
    program(&project, "plain", "#!/bin/sh\necho out\n");
    holding(&project, bytes);
    let file = project.scenario("writes", SCENARIO);
    (project, file)
}

fn holding(project: &Project, bytes: usize) {
    let script = format!(
        "#!/bin/sh\ndd if=/dev/zero of=/dev/null bs={bytes} count=1 2>/dev/null\necho out\n"
    );
    program(project, "other", &script);
}

fn run(project: &Project, file: &str, flags: &[&str]) -> Ended {
    let args: Vec<&str> = ["run", file]
        .into_iter()
        .chain(flags.iter().copied())
        .collect();
    project.run(&args)
}

fn json(project: &Project, args: &[&str]) -> Value {
    let all: Vec<&str> = ["compare", "--format", "json"]
        .into_iter()
        .chain(args.iter().copied())
        .collect();
    let ended = project.run(&all);
    serde_json::from_str(&ended.stdout).unwrap_or_else(|error| panic!("{error}\n{}", ended.all()))
}

fn verdict_of(comparison: &Value, variant: usize, metric: &str) -> String {
    let metrics = comparison["scenarios"][0]["variants"][variant]["metrics"]
        .as_array()
        .unwrap();
    let found = metrics.iter().find(|one| one["metric"] == metric);
    found.unwrap()["changes"][0]["verdict"]
        .as_str()
        .unwrap()
        .to_owned()
}

#[test]
fn a_growing_peak_is_found_and_fails_the_gate() {
    let (project, file) = project(100_000);
    run(&project, &file, &["--save-baseline", "main"]).expect_code(0);
    holding(&project, 60_000_000);
    run(&project, &file, &[]).expect_code(0);
    let args = ["main", "reports/writes.default", "--metric", "peak_rss"];
    let comparison = json(&project, &args);
    assert_eq!(comparison["results"][0], "main");
    assert_eq!(
        verdict_of(&comparison, 1, "peak_rss"),
        "regressed",
        "{comparison:#}"
    );
    let said = &comparison["scenarios"][0]["variants"][1]["notes"][0];
    assert_eq!(said, "another build in writes.default");
    let gate = |share: &str, code: i32| {
        let args: Vec<&str> = ["compare"]
            .into_iter()
            .chain(args)
            .chain(["--fail-above", share])
            .collect();
        project.run(&args).expect_code(code)
    };
    let ended = gate("5%", 1);
    ended.expect_said(&["regressed"]);
    gate("99999%", 0);
    // Turned round, it is an improvement.
    let turned = json(
        &project,
        &["reports/writes.default", "main", "-m", "peak_rss"],
    );
    assert_eq!(verdict_of(&turned, 1, "peak_rss"), "improved");
    let ended = project
        .run(&["compare", "main", "reports", "--format", "markdown"])
        .expect_code(0);
    ended.expect_said(&["| **other** |"]);
}

#[test]
fn a_run_is_held_against_a_saved_baseline() {
    let (project, file) = project(100_000);
    run(&project, &file, &["--save-baseline", "main"]).expect_code(0);
    assert_eq!(
        names_in(&project.path("reports/baselines/main")),
        ["writes.default"]
    );
    holding(&project, 60_000_000);
    let flags = [
        "--baseline",
        "main",
        "--fail-above",
        "20%",
        "--save-baseline",
        "next",
    ];
    let ended = run(&project, &file, &flags).expect_code(1);
    ended.expect_said(&["this run against main"]);
    let result = project.result("writes.default");
    assert_eq!(result["exit_code"], 1);
    assert_eq!(result["comparison"]["exit_code"], 1);
    assert_eq!(
        verdict_of(&result["comparison"], 1, "peak_rss"),
        "regressed"
    );
    for form in ["report.html", "report.md"] {
        let text =
            std::fs::read_to_string(project.path("reports/writes.default").join(form)).unwrap();
        assert!(text.contains("this run"), "{form}");
    }
    let listed = project.run(&["list", "baselines"]).expect_code(0);
    for name in ["main", "next", "writes"] {
        listed.expect_said(&[name]);
    }
    // Every session is remembered, whatever became of it.
    assert_eq!(
        names_in(&project.path("reports/history/writes.default")).len(),
        2
    );
}

#[test]
fn a_result_does_not_differ_from_itself() {
    let (project, file) = project(100_000);
    run(&project, &file, &["--size", "smoke"]).expect_code(0);
    let result = "reports/writes.smoke/result.json";
    let comparison = json(
        &project,
        &[
            result,
            result,
            "reports",
            "--metric",
            "all",
            "--fail-above",
            "0%",
        ],
    );
    assert_eq!(comparison["exit_code"], 0, "{comparison:#}");
    for variant in comparison["scenarios"][0]["variants"].as_array().unwrap() {
        for metric in variant["metrics"].as_array().unwrap() {
            for change in metric["changes"].as_array().unwrap() {
                assert_eq!(change["verdict"], "no-difference", "{metric:#}");
            }
        }
    }
}

#[test]
fn what_cannot_be_compared_is_said() {
    let (project, file) = project(100_000);
    run(&project, &file, &["--baseline", "main"])
        .expect_code(2)
        .expect_error(&["no baseline `main`", "--save-baseline main"]);
    assert!(project.reports().is_empty(), "something ran");
    run(&project, &file, &["--save-baseline", "../main"])
        .expect_code(2)
        .expect_error(&["../main"]);
    run(
        &project,
        &file,
        &["--size", "smoke", "--save-baseline", "main"],
    )
    .expect_code(0);
    let compare = |args: &[&str], needles: &[&str]| {
        let args: Vec<&str> = ["compare"]
            .into_iter()
            .chain(args.iter().copied())
            .collect();
        project.run(&args).expect_code(2).expect_error(needles);
    };
    compare(&["main"], &["2", "RESULT"]);
    compare(&["main", "mian"], &["`mian`", "did you mean `main`?"]);
    compare(
        &["main", "main", "--metric", "wal"],
        &["`wal`", "did you mean `wall`?"],
    );
    compare(&["main", "main", "--variant", "plian"], &["`plain`"]);
    compare(&["main", "main", "--fail-above", "5"], &["5%"]);
    compare(&["main", "writes.yaml"], &["writes.yaml", "not a result"]);
    compare(&["main", "reports/history"], &["there is none"]);
    run(&project, &file, &["--runs", "1"]).expect_code(0);
    compare(
        &["main", "reports/writes.default"],
        &["nothing can be compared", "size smoke"],
    );
    let path = project.path("reports/writes.default/result.json");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, &text[..text.len() / 2]).unwrap();
    compare(
        &["main", "reports/writes.default"],
        &["truncated", "result.json"],
    );
    std::fs::write(
        &path,
        text.replacen("\"schema_version\": 1", "\"schema_version\": 9", 1),
    )
    .unwrap();
    compare(&["main", "reports/writes.default"], &["schema version 9"]);
}

#[test]
fn committed_results_of_earlier_versions_are_read() {
    let project = Project::new();
    let examples = concat!(env!("CARGO_MANIFEST_DIR"), "/../../reports/examples");
    let comparison = json(&project, &[examples, examples]);
    let stored = std::fs::read_dir(examples).unwrap().count();
    assert_eq!(comparison["scenarios"].as_array().unwrap().len(), stored);
    let ended = project.run(&["schema", "comparison"]).expect_code(0);
    let schema: Value = serde_json::from_str(&ended.stdout).unwrap();
    for key in comparison.as_object().unwrap().keys() {
        assert!(schema["properties"][key].is_object(), "{key}");
    }
}
