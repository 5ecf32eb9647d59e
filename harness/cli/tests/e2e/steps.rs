//! Variants of several commands, each with figures of its own.

use crate::support::{Project, variant, verdict};

#[test]
fn steps_have_figures_in_targets_and_in_every_report() {
    let yaml = r#"
name: steps
variants:
  - id: index
    baseline: true
    steps:
      - { name: build, command: [sh, -c, 'head -c 30000000 /dev/zero | tail -c 30000000 > "$0/index"; sleep 0.05', "{scratch}"] }
      - { name: query, command: [sh, -c, 'head -c 5 "$0/index" | od -c', "{scratch}"] }
  - { id: direct, command: "od -N 5 -c /dev/zero" }
measure: { warmup: 0, runs: 2, sample_every: false }
targets:
  - { metric: step.build.peak_rss, variant: index, at_least: 25 MiB }
  - { metric: step.query.peak_rss, variant: index, at_most: 20 MiB }
  - { metric: step.build.wall, variant: index, at_least: 50 ms, gate: false }
  - { metric: step.query.cpu, variant: index, at_most: 60 s, gate: false }
  - { identical: [index, direct] }
"#;
    let (project, file) = Project::of("steps", yaml);
    let ended = project.run(&["run", &file]);
    let result = project.result("steps.default");
    for index in [0, 1, 4] {
        assert_eq!(verdict(&result, index), "pass", "{}", ended.all());
    }
    let index = variant(&result, "index");
    assert_eq!(index["steps"][0]["name"], "build");
    assert_eq!(index["steps"][1]["name"], "query");
    assert_eq!(variant(&result, "direct")["steps"], serde_json::json!([]));
    let median = |metric: &str| index["metrics"][metric]["values"][0].as_f64().unwrap();
    let sum = median("step.build.wall") + median("step.query.wall");
    assert!((sum - median("wall")).abs() < 1e-9, "{sum}");
    assert_eq!(median("peak_rss"), median("step.build.peak_rss"));
    let report = project.read("reports/steps.default/report.md");
    assert!(report.contains("| index | build |"), "{report}");
    ended.expect_said(&["build: wall "]);
    ended.expect_code(0);
}

#[test]
fn a_failing_step_is_named_and_the_next_ones_are_not_run() {
    let yaml = r#"
name: failing
variants:
  - id: it
    steps:
      - { name: build, command: [sh, -c, "exit 7"] }
      - { name: query, command: [touch, queried] }
measure: { warmup: 0, runs: 2 }
"#;
    let (project, file) = Project::of("failing", yaml);
    let ended = project.run(&["run", &file]).expect_code(3);
    ended.expect_said(&["in step build"]);
    assert!(!project.path("queried").exists());
}
