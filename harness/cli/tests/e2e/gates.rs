//! Verdicts and the exit codes they amount to.

use crate::support::{Project, variant, verdict};

const TWO_SORTS: &str = r#"
name: sorts
about: Two ways to sort the same numbers.
sizes: { smoke: {}, default: {} }
variants:
  - id: plain
    baseline: true
    command: [sort, numbers.txt]
    output: stdout
  - id: small
    command: [sort, --buffer-size=1M, numbers.txt]
    output: stdout
limits: { wall: 30 s }
measure: { warmup: 0, runs: { min: 2, max: 2 } }
targets:
  - { identical: [plain, small], digest: stdout }
  - { metric: peak_rss, variant: small, at_most: 64 MiB }
  - { outcome: completed, variant: plain }
"#;

/// A project with the scenario and the numbers that it sorts.
fn sorts(yaml: &str) -> (Project, String) {
    let (project, file) = Project::of("sorts", yaml);
    let numbers = (0..2000).map(|n| (n * 7919) % 2003);
    write(&project, numbers);
    (project, file)
}

/// The same with more to sort, and so much memory for it that the peak is far above the fork server's own
/// size: below that no peak is told from another, and no bound on one is known to be broken.
fn large_sorts(yaml: &str) -> (Project, String) {
    let yaml = yaml.replace("--buffer-size=1M", "--buffer-size=64M");
    let (project, file) = Project::of("sorts", &yaml);
    write(&project, 0..400_000);
    (project, file)
}

fn write(project: &Project, numbers: impl Iterator<Item = u32>) {
    let numbers: String = numbers.map(|n| format!("{n}\n")).collect();
    std::fs::write(project.path("numbers.txt"), numbers).unwrap();
}

#[test]
fn targets_that_hold_exit_zero_and_leave_a_report() {
    let (project, file) = sorts(TWO_SORTS);
    let ended = project.smoke(&file, &[]).expect_code(0);
    let result = project.result("sorts.smoke");
    assert_eq!(result["schema_version"], 1);
    ended.expect_verdicts(&result, &["pass"; 3]);
    let plain = variant(&result, "plain");
    assert_eq!(plain["outcome"], "completed");
    assert_eq!(plain["digests"], variant(&result, "small")["digests"]);
    assert!(plain["metrics"]["wall"]["median"].as_f64().unwrap() > 0.0);
    ended.expect_said(&["reports/sorts.smoke"]);
    for file in ["report.html", "report.md", "result.json"] {
        assert!(
            project
                .path(&format!("reports/sorts.smoke/{file}"))
                .is_file(),
            "{file}"
        );
    }
}

#[test]
fn a_path_without_a_command_means_run() {
    let (project, file) = sorts(TWO_SORTS);
    project.run(&[&file, "--size", "smoke"]).expect_code(0);
    assert_eq!(project.reports(), ["sorts.smoke"]);
}

#[test]
fn a_failed_target_exits_one_and_says_the_figure() {
    let yaml = TWO_SORTS.replace("at_most: 64 MiB", "at_most: 64 KiB");
    let (project, file) = large_sorts(&yaml);
    let ended = project.smoke(&file, &[]).expect_code(1);
    ended.expect_said(&["fail"]);
    assert_eq!(verdict(&project.result("sorts.smoke"), 1), "fail");
}

#[test]
fn different_outputs_fail_and_the_first_difference_is_shown() {
    let yaml = TWO_SORTS.replace(
        "[sort, --buffer-size=1M, numbers.txt]",
        r#"[sh, -c, "sort numbers.txt | sed 's/^150$/oops/'"]"#,
    );
    let (project, file) = sorts(&yaml);
    let ended = project.smoke(&file, &[]).expect_code(1);
    assert_eq!(verdict(&project.result("sorts.smoke"), 0), "fail");
    ended.expect_said(&["oops"]);
}

#[test]
fn an_outcome_nobody_expected_exits_three() {
    let yaml = TWO_SORTS.replace("[sort, --buffer-size=1M, numbers.txt]", "[\"false\"]");
    let (project, file) = sorts(&yaml);
    project.smoke(&file, &[]).expect_code(3);
    let result = project.result("sorts.smoke");
    assert_eq!(variant(&result, "small")["outcome"], "failed");
    assert_eq!(verdict(&result, 1), "absent");
}

#[test]
fn too_few_pairs_are_inconclusive_and_strict_says_so_in_the_exit_code() {
    let yaml = TWO_SORTS.replace(
        "  - { outcome: completed, variant: plain }",
        "  - { metric: wall, variant: small, at_most: 1.00 x baseline }",
    );
    let (project, file) = sorts(&yaml);
    let size = ["run", &file, "--size", "default"];
    project.run(&size).expect_code(0);
    assert_eq!(verdict(&project.result("sorts.default"), 2), "inconclusive");
    project
        .run(&[&size[..], &["--strict"]].concat())
        .expect_code(4);
}

#[test]
fn reports_can_be_rendered_again_from_the_result_alone() {
    let (project, file) = sorts(TWO_SORTS);
    project.smoke(&file, &[]).expect_code(0);
    let html = project.path("reports/sorts.smoke/report.html");
    let first = std::fs::read_to_string(&html).unwrap();
    std::fs::remove_file(&html).unwrap();
    project
        .run(&["report", "reports/sorts.smoke"])
        .expect_code(0);
    assert_eq!(std::fs::read_to_string(&html).unwrap(), first);
}

#[test]
fn a_debug_build_says_loudly_that_its_figures_are_not_comparable() {
    if !cfg!(debug_assertions) {
        return;
    }
    let (project, file) = sorts(TWO_SORTS);
    let ended = project.smoke(&file, &[]).expect_code(0);
    for (name, text) in [
        ("terminal", ended.stdout.as_str()),
        ("html", &read(&project, "report.html")),
        ("markdown", &read(&project, "report.md")),
    ] {
        assert!(
            text.to_lowercase().contains("debug build"),
            "{name} does not say it:\n{text}"
        );
    }
}

fn read(project: &Project, file: &str) -> String {
    project.read(&format!("reports/sorts.smoke/{file}"))
}

#[test]
fn a_target_for_information_is_judged_and_lets_pass() {
    let yaml = TWO_SORTS.replace(
        "targets:\n",
        "targets:\n  - { metric: peak_rss, variants: [plain, small], at_most: 1 B, gate: false }\n",
    );
    let (project, file) = large_sorts(&yaml);
    let ended = project.smoke(&file, &["--strict"]).expect_code(0);
    let result = project.result("sorts.smoke");
    assert_eq!(verdict(&result, 0), "fail");
    assert_eq!(result["verdicts"][0]["gate"], false);
    ended.expect_said(&["3 pass, 1 for information"]);
}
