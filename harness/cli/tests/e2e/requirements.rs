//! Scenarios that need a program which is not there: skipped, with the reason.

use std::os::unix::fs::PermissionsExt;

use crate::support::Project;

fn needing(name: &str, program: &str) -> String {
    format!(
        "
name: {name}
requires: {{ {program}: cargo install frobnicator }}
variants:
  - {{ id: it, command: [{program}] }}
measure: {{ warmup: 0, runs: 1, count: false }}
targets: [{{ outcome: completed, variant: it }}]
"
    )
}

#[test]
fn a_scenario_whose_program_is_missing_is_skipped_with_the_reason() {
    let (project, file) = Project::of("needs", &needing("needs", "frobnicate-bam"));
    let ended = project.run(&["run", &file]).expect_code(0);
    ended.expect_said(&[
        "SKIP  needs: there is no program `frobnicate-bam` in PATH",
        "to get it: cargo install frobnicator",
    ]);
    assert!(!project.path("reports/needs.default").exists());
    project.run(&["check", &file]).expect_code(0);
    let dry = project.run(&["run", &file, "--dry-run"]).expect_code(0);
    dry.expect_said(&["SKIP  needs", "nothing was run"]);
}

#[test]
fn the_others_run_and_a_strict_session_has_not_held() {
    let project = Project::new();
    let needs = project.scenario("needs", &needing("needs", "./frobnicate"));
    let has = project.scenario("has", &needing("has", "'true'"));
    let both = ["run", needs.as_str(), has.as_str()];
    let ended = project.run(&both).expect_code(0);
    ended.expect_said(&["SKIP  needs: there is no program", "1 pass"]);
    let strict = [&both[..], &["--strict"]].concat();
    project.run(&strict).expect_code(3);

    let program = project.path("frobnicate");
    std::fs::write(&program, "#!/bin/sh\n").unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    project.run(&strict).expect_code(0);
    assert!(project.path("reports/needs.default").exists());
}

#[test]
fn what_cannot_be_a_requirement_is_a_mistake() {
    let yaml = "
name: needs
requires: { fgumi: '', '': cargo install it }
variants: [{ id: it, command: ['true'] }]
";
    let (project, file) = Project::of("needs", yaml);
    let ended = project.run(&["check", &file]).expect_code(2);
    ended.expect_error(&["how to get `fgumi` is not said", "`` cannot be a program"]);
}
