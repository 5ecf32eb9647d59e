//! The heap of plain commands, from the scenario to the report.

use std::process::Command;

use crate::support::{Project, program, variant, verdict};

const SCENARIO: &str = r#"
name: heaps
variants:
  - { id: small, baseline: true, command: [sh, -c, "cat /etc/passwd | sort --buffer-size=1M"] }
  - { id: large, command: [sh, -c, "cat /etc/passwd | sort --buffer-size=50M"] }
  - { id: script, command: [./script] }
  - { id: static, command: [./static] }
measure: { warmup: 0, runs: 1 }
targets:
  - { metric: heap_peak, variant: small, at_most: 4 MiB }
  - { metric: heap_peak, variant: large, at_most: 0.5 x baseline }
  - { metric: allocations, variant: script, at_least: 10 }
  - { metric: heap_total, variant: static, at_most: 1 KiB }
"#;

/// A project with this scenario and the programs that it names.
fn heaps(yaml: &str) -> (Project, String) {
    let (project, file) = Project::of("heaps", yaml);
    program(&project, "script", "#!/bin/sh\nls / | sort >/dev/null\n");
    std::fs::write(project.path("static.c"), "int main(void) { return 0; }\n").unwrap();
    let built = Command::new("cc")
        .args(["-static", "-o", "static", "static.c"])
        .current_dir(project.root())
        .status();
    assert!(built.unwrap().success(), "a static program cannot be built");
    (project, file)
}

#[test]
fn commands_are_counted_where_they_can_be_and_absent_with_the_reason_elsewhere() {
    let (project, file) = heaps(SCENARIO);
    let planned = project.run(&["run", &file, "--dry-run"]).expect_code(0);
    planned.expect_said(&["trials: 7"]);
    project.run(&["run", &file]).expect_code(1);
    let result = project.result("heaps.default");
    let metric = |id: &str, name: &str| variant(&result, id)["metrics"][name].clone();
    let peak = |id: &str| metric(id, "heap_peak")["max"].as_f64().unwrap();
    assert!(peak("large") - peak("small") > 40e6, "{}", peak("large"));
    assert!(metric("script", "allocations")["max"].as_f64().unwrap() > 20.0);
    let c = metric("small", "heap_peak_c")["absent"].to_string();
    assert!(c.contains("cannot be told apart"), "{c}");
    let verdicts: Vec<&str> = (0..4).map(|at| verdict(&result, at)).collect();
    assert_eq!(verdicts, ["pass", "fail", "pass", "absent"]);
    let why = metric("static", "heap_total")["absent"].to_string();
    assert!(why.contains("is linked statically"), "{why}");

    let without = project
        .command(&["run", &file, "--dry-run"])
        .env("PLIMSOLL_PRELOAD", "nowhere.so")
        .output()
        .unwrap();
    let without = String::from_utf8(without.stdout).unwrap();
    assert!(without.contains("trials: 4"), "{without}");
}

#[test]
fn commands_are_profiled_where_they_can_be_and_it_is_said_where_not() {
    let (measured, _) = SCENARIO.split_once("targets:").unwrap();
    let (project, file) =
        heaps(&measured.replace("runs: 1", "runs: 1, profile: { every: 64 KiB }"));
    project.run(&["run", &file]).expect_code(0);
    let result = project.result("heaps.default");
    let profile = &variant(&result, "large")["profile"];
    let at_peak = profile["at_peak"].as_f64().unwrap();
    assert!(at_peak > 40e6, "{profile}");
    assert_eq!(profile["sites"][0]["c"], true);
    assert_eq!(profile["file"], "large.profile.dhat-heap.json");
    assert!(
        project
            .path("reports/heaps.default/large.profile.dhat-heap.json")
            .exists()
    );
    assert!(variant(&result, "static")["profile"].is_null());
    let notes = result["warnings"].to_string();
    assert!(
        notes.contains("no heap profile of static: ") && notes.contains("is linked statically"),
        "{notes}"
    );
}
