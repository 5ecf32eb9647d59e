//! What the README promises, and the scenarios that come with the project.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use crate::support::Project;

fn repository() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

/// The README's scenarios, in order.
fn scenarios() -> Vec<String> {
    let text = std::fs::read_to_string(repository().join("README.md")).unwrap();
    text.split("```yaml\n")
        .skip(1)
        .map(|rest| rest.split("```").next().unwrap().to_owned())
        .collect()
}

#[test]
fn its_scenario_of_plain_commands_is_a_scenario() {
    let (project, file) = Project::of("sort", &scenarios()[0]);
    let ended = project.run(&["check", &file]).expect_code(0);
    ended.expect_said(&["sort"]);
    // It is run as the README says: a path, without a command.
    let numbers: String = (0..50_000).rev().map(|n| format!("{n}\n")).collect();
    std::fs::write(project.path("numbers.txt"), numbers).unwrap();
    let ended = project.run(&[&file]);
    assert!(matches!(ended.code, Some(0 | 1)), "{}", ended.all());
    assert_eq!(
        project.result("sort.default")["verdicts"][0]["verdict"],
        "pass"
    );
}

#[test]
fn its_scenario_of_a_program_is_a_scenario() {
    let project = Project::new();
    let program = project.path("target/release/sum");
    std::fs::create_dir_all(program.parent().unwrap()).unwrap();
    // What the README's Rust program answers to `describe`.
    let script = r#"#!/bin/sh
echo '{"protocol":1,"workloads":[{"name":"sum","generator":1,"schema":{},"defaults":{"numbers":1000000},
    "implementations":[{"id":"collected"},{"id":"streamed"}]}]}'
"#;
    std::fs::write(&program, script).unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    let file = project.scenario("sum", &scenarios()[1]);
    let ended = project.run(&["check", &file]).expect_code(0);
    ended.expect_said(&["sum"]);
}

#[test]
fn the_scenarios_that_come_with_the_project_are_scenarios() {
    let project = Project::new();
    let place = repository().join("scenarios");
    project
        .run(&["check", place.to_str().unwrap()])
        .expect_code(0);
}
