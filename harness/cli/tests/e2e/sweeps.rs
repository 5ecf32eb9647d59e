//! Sweeps through the binary: what grows with a size, and what each quality costs.

use serde_json::Value;

use crate::support::{Ended, Project};

/// A command that reports figures of its own, so that what comes out is known exactly: `steps` grow
/// as n^2, `recall` and `rate` lie on a known frontier.
const REPORTS: &str = r#"
say() {
    printf '{"t":1,"event":"metric","name":"%s","unit":"%s","better":"%s","value":%s}\n' \
        "$1" "$2" "$3" "$4" >> "$PLIMSOLL_EVENTS"
}
case $1 in
grow) say steps count lower $(($2 * $2)) ;;
fail) [ "$2" -lt 300 ] || exit 1; say steps count lower "$2" ;;
seek)
    # The slow one finds as much with half the effort, and takes four times as long for it.
    case $2-$3 in
    fast-1) say recall share higher 0.90; say rate per_second higher 1600 ;;
    fast-2) say recall share higher 0.80; say rate per_second higher 900 ;;
    fast-3) say recall share higher 0.98; say rate per_second higher 400 ;;
    slow-1) say recall share higher 0.90; say rate per_second higher 400 ;;
    slow-2) say recall share higher 0.95; say rate per_second higher 200 ;;
    slow-3) say recall share higher 0.97; say rate per_second higher 100 ;;
    esac ;;
esac
"#;

/// A project with a scenario of that command.
fn project(name: &str, yaml: &str) -> (Project, String) {
    let (project, file) = Project::of(name, &format!("name: {name}\n{yaml}"));
    std::fs::write(project.path("report.sh"), REPORTS).unwrap();
    (project, file)
}

/// A scenario in which only the runs of its sweep are many, run until it ends with this code.
fn swept(name: &str, yaml: &str, code: i32) -> (Project, Ended, Value) {
    let measure = "measure: { warmup: 0, runs: 1, sample_every: false, count: false }";
    let (project, file) = project(name, &format!("{measure}\n{yaml}"));
    let ended = project.run(&["run", &file]).expect_code(code);
    let result = project.result(&format!("{name}.default"));
    (project, ended, result)
}

#[test]
fn a_known_growth_is_found_and_followed() {
    let yaml = r#"
params: { n: 100 }
variants:
  - { id: it, command: [sh, report.sh, grow, "{params.n}"], output: none }
sweep: { parameter: n, values: { from: 10, to: 1000, points: 5 }, runs: 1 }
targets:
  - { growth: steps, variant: it, exponent: { at_least: 1.95, at_most: 2.05 } }
  - { growth: steps, variant: it, exponent: { at_most: 1.9 }, gate: false }
  - { metric: steps, variant: it, at: { n: 10_000 }, at_most: 110M, at_least: 90M }
  - { metric: steps, variant: it, at_most: 10_000, aggregate: worst }
"#;
    let (project, ended, result) = swept("grows", yaml, 0);
    ended.expect_verdicts(&result, &["pass", "fail", "pass", "pass"]);
    // The sweep's runs are in none of the ordinary figures.
    let steps = &result["variants"][0]["metrics"]["steps"];
    assert_eq!(steps["n"], 1);
    assert_eq!(steps["max"], 10_000.0);
    let it = &result["sweeps"][0]["variants"][0];
    let sizes: Vec<f64> = it["points"]
        .as_array()
        .unwrap()
        .iter()
        .map(|point| point["value"].as_f64().unwrap())
        .collect();
    assert_eq!(sizes, [10.0, 32.0, 100.0, 316.0, 1000.0]);
    let growth = &it["growth"]["steps"];
    assert_eq!(growth["models"][0]["model"], "b n^k");
    assert!((growth["exponent"]["value"].as_f64().unwrap() - 2.0).abs() < 0.01);
    ended.expect_said(&["steps grows as 1 x n^2.00"]);
    let page = project.read("reports/grows.default/report.html");
    assert!(page.contains("How it grows with n"));
    assert!(page.contains("<title>steps over n</title>"));
    let markdown = project.read("reports/grows.default/report.md");
    assert!(
        markdown.contains("**it** over n: steps grows as"),
        "{markdown}"
    );
}

#[test]
fn sizes_that_fail_are_told_and_left_out() {
    let yaml = r#"
params: { n: 100 }
variants:
  - { id: it, command: [sh, report.sh, fail, "{params.n}"], output: none }
sweep: { parameter: n, values: [100, 200, 300, 400, 500], runs: 3 }
targets:
  - { growth: steps, variant: it, exponent: { at_most: 2 } }
"#;
    let (_project, ended, result) = swept("fails", yaml, 3);
    ended.expect_verdicts(&result, &["absent"]);
    let reason = result["verdicts"][0]["reason"].as_str().unwrap();
    assert!(
        reason.contains("2 of at least 4 sizes are known"),
        "{reason}"
    );
    assert!(reason.contains("it ended failed"), "{reason}");
    // What failed once is not tried again, nor anything larger.
    let trials = result["trials"].as_array().unwrap();
    let failed = trials.iter().filter(|trial| trial["outcome"] == "failed");
    assert!(failed.count() <= 3, "{}", ended.all());
    assert_eq!(result["variants"][0]["outcome"], "completed");
}

#[test]
fn variants_are_compared_at_equal_quality() {
    let yaml = r#"
params: { ef: 1 }
variants:
  - { id: slow, baseline: true, command: [sh, report.sh, seek, slow, "{params.ef}"], output: none }
  - { id: fast, command: [sh, report.sh, seek, fast, "{params.ef}"], output: none }
sweep: { parameter: ef, values: [1, 2, 3], quality: recall, runs: 6 }
targets:
  # Half way from 0.90 to 0.98, and so the geometric mean of 1600 and 400.
  - { metric: rate, variant: fast, at: { recall: 0.94 }, at_least: 799/s, at_most: 801/s }
  - { metric: rate, variant: fast, at: { recall: 0.95 }, at_least: 3 x baseline }
  - { metric: rate, variant: fast, at: { recall: 95 % }, at_least: 4 x baseline, gate: false }
  - { metric: rate, variant: fast, at: { recall: 0.975 }, at_least: 2 x baseline }
"#;
    let (project, ended, result) = swept("seeks", yaml, 3);
    ended.expect_verdicts(&result, &["pass", "pass", "fail", "absent"]);
    let evidence = result["verdicts"][1]["evidence"].as_str().unwrap();
    assert!(evidence.contains("6 pairs"), "{evidence}");
    let reason = result["verdicts"][3]["reason"].as_str().unwrap();
    assert!(
        reason.contains("slow has no rate at recall 0.975: it lies outside of the frontier"),
        "{reason}"
    );
    // The second of the fast ones is beaten in both: it is on no frontier.
    let frontier = &result["sweeps"][0]["variants"][1]["frontiers"]["rate"];
    assert_eq!(frontier["points"].as_array().unwrap().len(), 2);
    assert_eq!(frontier["at"][0]["cost"].as_f64().unwrap().round(), 800.0);
    let page = project.read("reports/seeks.default/report.html");
    assert!(page.contains("What recall costs"));
    assert!(page.contains("<title>rate against recall</title>"));
}

#[test]
fn a_dry_run_counts_the_trials_of_sweeps() {
    let yaml = r#"
params: { n: 100 }
variants:
  - { id: it, command: [sh, report.sh, grow, "{params.n}"], output: none }
measure: { warmup: 0, runs: 2, count: false }
sweep: { parameter: n, values: [1, 2, 3, 4], runs: 3 }
"#;
    let (project, file) = project("dry", yaml);
    let ended = project.run(&["run", &file, "--dry-run"]).expect_code(0);
    ended.expect_said(&["trials: 14"]);
}
