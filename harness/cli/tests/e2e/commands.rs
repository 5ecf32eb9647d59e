//! The commands besides `run`.

use serde_json::Value;

use crate::support::{Project, names_in};

const ORTHO: &str = r"
name: tiny
workload: ortho
params: { sentences: 40, vocabulary: 30 }
sizes:
  smoke: { sentences: 40 }
variants:
  - { id: in-memory, baseline: true }
  - { id: depth-first }
targets:
  - { identical: [in-memory, depth-first], digest: orthos }
";

#[test]
fn a_built_in_workload_runs_through_the_same_protocol_as_anybodys() {
    let (project, file) = Project::of("tiny", ORTHO);
    project.smoke(&file, &[]).expect_code(0);
    let result = project.result("tiny.smoke");
    let digest = result["variants"][0]["digests"]["orthos"].as_str().unwrap();
    assert!(digest.starts_with("sum64:"), "{digest}");
    assert!(
        result["variants"][0]["metrics"]["heap_peak"]["max"]
            .as_f64()
            .unwrap()
            > 0.0
    );
}

#[test]
fn inputs_are_made_once_and_clean_removes_them() {
    let (project, file) = Project::of("tiny", ORTHO);
    project.smoke(&file, &[]).expect_code(0);
    let cached = names_in(&project.path("cache"));
    assert!(!cached.is_empty());
    project.smoke(&file, &[]).expect_code(0);
    assert_eq!(names_in(&project.path("cache")), cached);
    let dry = project.run(&["clean", "--dry-run"]).expect_code(0);
    dry.expect_said(&["would remove"]);
    project.run(&["clean"]).expect_code(0);
    let again = project.run(&["clean", "--dry-run"]).expect_code(0);
    again.expect_said(&["nothing to remove"]);
}

#[test]
fn parameters_can_be_set_and_wrong_ones_are_refused_by_name() {
    let (project, file) = Project::of("tiny", ORTHO);
    project
        .smoke(&file, &["--set", "sentences=20"])
        .expect_code(0);
    let params = &project.result("tiny.smoke")["variants"][0]["params"];
    assert_eq!(params["sentences"], 20);
    let ended = project
        .smoke(&file, &["--set", "sentence=20"])
        .expect_code(2);
    ended.expect_error(&["sentence", "sentences"]);
}

#[test]
fn one_variant_can_be_selected() {
    let (project, file) = Project::of("tiny", ORTHO);
    project
        .smoke(&file, &["--variant", "depth-first"])
        .expect_code(0);
    let result = project.result("tiny.smoke");
    assert_eq!(result["variants"].as_array().unwrap().len(), 1);
    let ended = project
        .smoke(&file, &["--variant", "depth-frist"])
        .expect_code(2);
    ended.expect_error(&["depth-frist", "depth-first"]);
}

#[test]
fn outputs_are_kept_where_asked() {
    let (project, file) = Project::of("tiny", ORTHO);
    project
        .smoke(&file, &["--keep-output", "kept"])
        .expect_code(0);
    let kept = names_in(&project.path("kept"));
    assert_eq!(kept.len(), 2, "{kept:?}");
}

#[test]
fn a_dry_run_prints_the_plan_and_runs_nothing() {
    let (project, file) = Project::of("tiny", ORTHO);
    let ended = project.smoke(&file, &["--dry-run"]).expect_code(0);
    ended.expect_said(&["in-memory"]);
    assert!(project.reports().is_empty());
    assert!(names_in(&project.path("cache")).is_empty());
}

#[test]
fn check_says_what_is_right() {
    let (project, file) = Project::of("tiny", ORTHO);
    let ended = project.run(&["check", &file]).expect_code(0);
    ended.expect_said(&["tiny"]);
}

#[test]
fn list_names_scenarios_workloads_and_metrics() {
    let project = Project::new();
    std::fs::create_dir(project.path("scenarios")).unwrap();
    std::fs::write(project.path("scenarios/tiny.yaml"), ORTHO).unwrap();
    let ended = project.run(&["list"]).expect_code(0);
    ended.expect_said(&["tiny", "ortho", "depth-first"]);
    let ended = project.run(&["list", "metrics"]).expect_code(0);
    ended.expect_said(&["peak_rss"]);
}

#[test]
fn doctor_says_how_caps_are_enforced() {
    let project = Project::new();
    let looks = ["doctor", "--json", "--time", "0"];
    let ended = project.run(&looks).expect_code(0);
    let found: Value = serde_json::from_str(&ended.stdout).unwrap();
    assert!(!found["findings"].as_array().unwrap().is_empty());
    assert_eq!(found["rehearsal"]["absent"], "not asked for");
    let ended = project.run(&["doctor", "--time", "0"]).expect_code(0);
    ended.expect_said(&["memory caps"]);
}

#[test]
fn doctor_rehearses_gates_and_leaves_nothing() {
    let project = Project::new();
    let ended = project.run(&["doctor", "--quick", "--json"]).expect_code(0);
    let found: Value = serde_json::from_str(&ended.stdout).unwrap();
    let rehearsal = &found["rehearsal"];
    if let Some(why) = rehearsal["absent"].as_str() {
        assert!(why.contains("--time"), "{}", ended.all());
    } else {
        assert!(rehearsal["runs"].as_u64().unwrap() >= 30, "{rehearsal:#}");
        assert!(rehearsal["rates"][0]["same"]["gates"].as_u64().unwrap() >= 1);
    }
    // The cache of inputs has been looked at; no scratch directory is left.
    let mut left = crate::support::names_in(project.root());
    left.retain(|name| name != "cache");
    assert_eq!(left, [""; 0], "nothing is left");
}

#[test]
fn schemas_and_completions_are_printed() {
    let project = Project::new();
    for of in ["scenario", "result", "comparison"] {
        let ended = project.run(&["schema", of]).expect_code(0);
        let schema: Value = serde_json::from_str(&ended.stdout).unwrap();
        assert_eq!(schema["type"], "object", "{of}");
    }
    let ended = project.run(&["completions", "bash"]).expect_code(0);
    ended.expect_said(&["_plimsoll"]);
}
