//! Memory caps, enforced by the kernel.

use serde_json::Value;

use crate::support::{Project, cgroups_of, skipped, variant, verdict};

/// True, and said, where the kernel enforces no cap; with PLIMSOLL_REQUIRE_CAPS=1 that is a
/// failure instead.
pub(crate) fn are_missing(project: &Project) -> bool {
    let ended = project
        .run(&["doctor", "--json", "--time", "0"])
        .expect_code(0);
    let findings: Value = serde_json::from_str(&ended.stdout).unwrap();
    let caps = findings["findings"]
        .as_array()
        .unwrap()
        .iter()
        .find(|finding| finding["what"] == "memory caps")
        .unwrap_or_else(|| panic!("doctor says nothing of memory caps: {findings:#}"));
    let how = caps["detail"].as_str().unwrap();
    if how.starts_with("by the kernel") {
        return false;
    }
    assert!(
        std::env::var_os("PLIMSOLL_REQUIRE_CAPS").is_none_or(|value| value != "1"),
        "a memory cap is required: {how}"
    );
    skipped(&format!("needs a memory cap enforced by the kernel: {how}"));
    true
}

/// `tail` keeps 100 MB of what it is given: it completes with room enough, and only then.
const LEAK: &str = r#"
name: leak
variants:
  - { id: leak, command: [sh, -c, "head -c 120000000 /dev/zero | tail -c 100000000 > /dev/null"] }
  - { id: frugal, command: ["true"] }
limits: { wall: 60 s }
measure: { warmup: 0, runs: 1 }
targets:
  - { outcome: completed, variant: leak }
  - { outcome: out-of-memory, variant: leak, under: { memory: 64 MiB } }
  - { outcome: completed, variant: frugal, under: { memory: 64 MiB } }
"#;

#[test]
fn out_of_memory_under_a_cap_can_be_expected() {
    let project = Project::new();
    if are_missing(&project) {
        return;
    }
    let file = project.scenario("leak", LEAK);
    let (pid, ended) = project.run_as(&["run", &file]);
    let ended = ended.expect_code(0);
    let result = project.result("leak.default");
    ended.expect_verdicts(&result, &["pass"; 3]);
    assert_eq!(variant(&result, "leak")["outcome"], "completed");
    let trials = result["trials"].as_array().unwrap();
    let capped = trials
        .iter()
        .find(|trial| trial["variant"] == "leak" && trial["under"] == 64 << 20)
        .unwrap();
    assert_eq!(capped["outcome"], "out-of-memory");
    let diagnosis = capped["diagnosis"].as_str().unwrap();
    assert!(diagnosis.contains("of 64 MiB"), "{diagnosis}");
    assert_eq!(cgroups_of(pid), Vec::<String>::new());
    assert_eq!(project.reports(), ["leak.default"]);
}

#[test]
fn out_of_memory_that_nobody_expected_is_not_passed_over() {
    let project = Project::new();
    if are_missing(&project) {
        return;
    }
    let yaml = LEAK.replace("limits: { wall: 60 s }", "limits: { memory: 64 MiB }");
    let file = project.scenario("leak", &yaml);
    // The target on `completed` is held against an outcome that it names: it fails.
    let (pid, ended) = project.run_as(&["run", &file]);
    let ended = ended.expect_code(1);
    let result = project.result("leak.default");
    assert_eq!(
        variant(&result, "leak")["outcome"],
        "out-of-memory",
        "{}",
        ended.all()
    );
    assert_eq!(verdict(&result, 0), "fail");
    assert_eq!(cgroups_of(pid), Vec::<String>::new());
    // Without that target nobody said a word about it.
    let yaml = yaml.replace("  - { outcome: completed, variant: leak }\n", "");
    project.scenario("leak", &yaml);
    project.run(&["run", &file]).expect_code(3);
}
