//! Instruction counts as gates.

use std::os::unix::fs::symlink;

use crate::support::{Project, skipped, variant, verdict};

/// The size that is run is not the one that instructions are counted at.
const LOOPS: &str = r#"
name: loops
sizes: { smoke: {}, small: { rounds: 2000, more: 2020 }, default: { rounds: 4000, more: 9000 } }
params: { rounds: 1, more: 1 }
variants:
  - id: base
    baseline: true
    command: [sh, -c, "i=0; while [ $i -lt {params.rounds} ]; do i=$((i+1)); done; echo {params.rounds}"]
  - id: same
    command: [sh, -c, "i=0; while [ $i -lt {params.rounds} ]; do i=$((i+1)); done; echo {params.rounds}"]
  - id: more
    command: [sh, -c, "i=0; while [ $i -lt {params.more} ]; do i=$((i+1)); done; echo {params.rounds}"]
measure: { warmup: 0, runs: 1, instructions: { size: small, by: valgrind } }
targets:
  - { metric: instructions, variant: same, at_most: 1.001 x baseline }
  - { metric: instructions, variant: more, at_most: 1.005 x baseline }
  - { metric: instructions, variant: more, at_most: 1.02 x baseline }
  - { identical: [base, same, more] }
"#;

fn valgrind_is_here() -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let here = std::env::split_paths(&path).any(|place| place.join("valgrind").is_file());
    if !here {
        skipped("valgrind is not installed");
    }
    here
}

#[test]
fn one_percent_more_work_fails_and_none_passes() {
    if !valgrind_is_here() {
        return;
    }
    let (project, file) = Project::of("loops", LOOPS);
    let ended = project.run(&["run", &file]).expect_code(1);
    let result = project.result("loops.default");
    // Outputs of the size at which instructions are counted are not held against the others.
    ended.expect_verdicts(&result, &["pass", "fail", "pass", "pass"]);
    let counted = &variant(&result, "more")["metrics"]["instructions"];
    assert_eq!(counted["source"], "valgrind");
    assert_eq!(counted["n"], 3);
    assert_eq!(result["instructions_at"], "small");
    for rendered in ["report.md", "report.html"] {
        let text = project.read(&format!("reports/loops.default/{rendered}"));
        assert!(text.contains("Instructions, at size small"), "{rendered}");
    }
    ended.expect_said(&["instructions, at size small"]);
}

#[test]
fn without_valgrind_the_metric_is_absent_and_says_so() {
    let (project, file) = Project::of("loops", LOOPS);
    let programs = project.path("bin");
    std::fs::create_dir(&programs).unwrap();
    symlink("/bin/sh", programs.join("sh")).unwrap();
    let mut command = project.command(&["run", &file]);
    let ended = command.env("PATH", &programs).output().unwrap();
    assert_eq!(ended.status.code(), Some(3));
    let result = project.result("loops.default");
    assert_eq!(verdict(&result, 0), "absent");
    assert_eq!(
        variant(&result, "more")["metrics"]["instructions"]["absent"],
        "valgrind is not installed"
    );
    let trials = result["trials"].as_array().unwrap();
    assert!(
        trials
            .iter()
            .all(|trial| trial["instrument"] != "instructions")
    );
}

#[test]
fn a_size_that_is_not_there_is_refused_with_the_nearest() {
    let yaml = LOOPS.replace("size: small, by: valgrind", "size: smal, by: valgrid");
    let (project, file) = Project::of("loops", &yaml);
    let ended = project.run(&["check", &file]).expect_code(2);
    ended.expect_error(&["smal", "did you mean `small`", "did you mean `valgrind`"]);
}
