//! The smallest memory cap that is enough, by `plimsoll floor` and as a target.

use serde_json::Value;

use crate::caps;
use crate::support::{Project, cgroups_of, processes_in, variant, verdict};

/// `tail` keeps 40 MB of what it is given, and prints a little.
const KEEPS: &str = r#"
name: keeps
variants:
  - id: all
    baseline: true
    command: [sh, -c, "head -c 50000000 /dev/zero | tail -c 40000000 | wc -c"]
  - { id: nothing, command: [sh, -c, "head -c 40000000 /dev/zero | wc -c"] }
limits: { wall: 60 s }
measure: { warmup: 0, runs: 2, sample_every: false, floor: { precision: 5 % } }
"#;

fn floor<'a>(result: &'a Value, id: &str) -> &'a Value {
    &variant(result, id)["floor"]
}

#[test]
fn a_floor_is_searched_for_by_a_command_of_its_own() {
    let project = Project::new();
    if caps::are_missing(&project) {
        return;
    }
    let targets = "targets:\n  - { metric: floor, variant: all, at_most: 64 MiB }\n  \
                   - { identical: [all, nothing] }\n";
    let file = project.scenario("keeps", &format!("{KEEPS}{targets}"));
    let (pid, ended) = project.run_as(&["floor", &file, "--variant", "all", "--repeats", "2"]);
    let ended = ended.expect_code(0);
    ended.expect_said(&["x uncapped", "PASS  floor of all <= 64 MiB"]);
    assert_eq!(project.reports(), ["keeps.default.floor"]);
    let result = project.result("keeps.default.floor");
    assert_eq!(result["part"], "floor");
    assert_eq!(
        result["verdicts"].as_array().unwrap().len(),
        1,
        "only that on the floor"
    );
    let found = floor(&result, "all");
    let edge = |name: &str| found[name].as_u64().unwrap();
    let (fails, passes) = (edge("fails_at"), edge("passes_at"));
    assert!(fails < passes && passes - fails <= passes / 20, "{found:#}");
    assert!(passes > 40_000_000, "it holds that much: {found:#}");
    assert_eq!(found["confirmed"], 2);
    assert!(edge("caps") <= 15);
    let attempts = found["attempts"].as_array().unwrap();
    for attempt in attempts {
        let passed = attempt["ending"] == "passed";
        assert!(
            passed || attempt["cap"].as_u64().unwrap() <= fails,
            "{attempt}"
        );
        assert_eq!(attempt["slowdown"].is_null(), !passed, "{attempt}");
    }
    let page = project.read("reports/keeps.default.floor/report.html");
    assert!(page.contains("The smallest memory cap that is enough"));
    assert_eq!(cgroups_of(pid), Vec::<String>::new());
    assert_eq!(processes_in(project.root()), Vec::<String>::new());
}

#[test]
fn a_floor_is_a_target_like_any_other() {
    let project = Project::new();
    if caps::are_missing(&project) {
        return;
    }
    let targets = "targets:\n  - { metric: floor, variant: all, at_most: 8 MiB }\n  \
                   - { metric: floor, variant: nothing, at_most: 0.5 x baseline }\n  \
                   - { metric: wall, variant: all, at_most: 60 s }\n";
    let file = project.scenario("keeps", &format!("{KEEPS}{targets}"));
    let ended = project.run(&["run", &file]).expect_code(1);
    let result = project.result("keeps.default");
    let verdicts: Vec<&str> = (0..3).map(|index| verdict(&result, index)).collect();
    assert_eq!(verdicts[..2], ["fail", "pass"], "{}", ended.all());
    let evidence = result["verdicts"][0]["evidence"].as_str().unwrap();
    assert!(evidence.starts_with("out-of-memory at "), "{evidence}");
    // Both take part in the search: the baseline because the other is held against it.
    for id in ["all", "nothing"] {
        assert!(floor(&result, id)["passes_at"].is_u64(), "{result:#}");
        assert_eq!(variant(&result, id)["metrics"]["floor"]["n"], 1);
        // What ran under those caps is no part of the other figures.
        assert_eq!(variant(&result, id)["metrics"]["wall"]["n"], 2);
        assert_eq!(variant(&result, id)["outcome"], "completed");
    }
}

#[test]
fn an_output_that_is_never_the_same_has_no_floor() {
    let project = Project::new();
    if caps::are_missing(&project) {
        return;
    }
    let yaml = "name: dice\nvariants: [{ id: it, command: [od, -An, -N8, -tx8, /dev/urandom] }]\n";
    let file = project.scenario("dice", yaml);
    let ended = project.run(&["floor", &file]).expect_code(3);
    let result = project.result("dice.default.floor");
    let absent = floor(&result, "it")["absent"].as_str().unwrap();
    assert!(absent.contains("differs from run to run"), "{absent}");
    ended.expect_said(&["`output: none`"]);
    assert_eq!(floor(&result, "it")["attempts"], Value::Array(Vec::new()));
}

#[test]
fn a_precision_that_is_none_is_refused() {
    let project = Project::new();
    for wrong in ["0", "5 MiB", "90%", "much"] {
        let ended = project.run(&["floor", "x.yaml", "--precision", wrong]);
        ended.expect_code(2).expect_error(&["0.1%", "50%"]);
    }
}
