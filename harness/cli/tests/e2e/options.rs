//! What can be asked for on the command line, and that the run was made so.

use serde_json::Value;

use crate::support::{Ended, Project};

const TOLD: &str = r#"
name: told
variants:
  - { id: it, command: [grep, Cpus_allowed_list, /proc/self/status], output: stdout }
measure: { warmup: 1, runs: { min: 3, max: 6 }, sample_every: 1 ms, count: false }
"#;

/// The scenario, run with every flag that changes how it is measured.
fn told() -> (Project, Ended) {
    let (project, file) = Project::of("told", TOLD);
    let flags = "--runs 2 --warmup 0 --no-sampler --no-caps --seed 7 --cpus 0 --progress json \
                 --keep-output kept";
    let args: Vec<_> = ["run", &file]
        .into_iter()
        .chain(flags.split_whitespace())
        .collect();
    let ended = project.run(&args).expect_code(0);
    (project, ended)
}

fn trials(project: &Project) -> Vec<Value> {
    let path = project.path("reports/told.default/trials.jsonl");
    let text = std::fs::read_to_string(path).unwrap();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[test]
fn flags_decide_how_it_is_run() {
    let (project, _) = told();
    let result = project.result("told.default");
    assert_eq!(result["seed"], 7);
    assert_eq!(result["variants"][0]["metrics"]["wall"]["n"], 2);
    let trials = trials(&project);
    assert_eq!(trials.len(), 2);
    for trial in &trials {
        assert_eq!(trial["role"], "measured");
        let step = &trial["steps"][0];
        assert_eq!(step["timeline"]["samples"], Value::Array(Vec::new()));
        assert_eq!(step["cap"], Value::Null);
    }
    let kept = project.read("kept/it.txt");
    assert_eq!(kept, "Cpus_allowed_list:\t0\n");
}

#[test]
fn the_scenario_decides_where_no_flag_does() {
    let (project, file) = Project::of("told", TOLD);
    project.run(&["run", &file]).expect_code(0);
    let trials = trials(&project);
    let of = |role: &str| trials.iter().filter(|trial| trial["role"] == role).count();
    assert_eq!(of("warmup"), 1);
    assert!((3..=6).contains(&of("measured")), "{trials:#?}");
    for trial in &trials {
        assert_eq!(trial["steps"][0]["timeline"]["interval"], 0.001);
    }
}

#[test]
fn the_result_says_the_command_that_runs_it_again() {
    let (project, _) = told();
    let result = project.result("told.default");
    let command = result["command"].as_str().unwrap();
    for flag in [
        "plimsoll run",
        "told.yaml",
        "--size default",
        "--runs 2",
        "--warmup 0",
        "--no-sampler",
        "--no-caps",
        "--seed 7",
        "--cpus 0",
    ] {
        assert!(command.contains(flag), "`{flag}` is not in: {command}");
    }
    // And it does.
    let args: Vec<_> = command.split_whitespace().skip(1).collect();
    project.run(&args).expect_code(0);
    assert_eq!(project.result("told.default")["command"], command);
}

#[test]
fn the_command_that_runs_it_again_is_fit_for_a_shell() {
    let (project, file) = Project::of("a b'c $x", TOLD);
    project.run(&["run", &file, "--runs", "2"]).expect_code(0);
    let before = project.result("told.default");
    let command = before["command"].as_str().unwrap();
    std::fs::remove_dir_all(project.path("reports")).unwrap();
    // The binary goes by its name, as it does for a user.
    let place = std::path::Path::new(env!("CARGO_BIN_EXE_plimsoll"));
    let path = std::env::var("PATH").unwrap();
    let ended = std::process::Command::new("sh")
        .args(["-c", command])
        .current_dir(project.root())
        .env(
            "PATH",
            format!("{}:{path}", place.parent().unwrap().display()),
        )
        .env("PLIMSOLL_CACHE", project.path("cache"))
        .output()
        .unwrap();
    Ended::from(ended).expect_code(0);
    let after = project.result("told.default");
    for same in ["command", "seed", "scenario_digest"] {
        assert_eq!(after[same], before[same]);
    }
}

#[test]
fn progress_as_json_is_json_and_nothing_else() {
    let (_, ended) = told();
    let notices: Vec<Value> = ended
        .stderr
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")))
        .collect();
    let of = |kind: &str| notices.iter().filter(|it| it["notice"] == kind).count();
    assert_eq!(of("scenario-begins"), 1, "{}", ended.all());
    assert_eq!(of("trial-begins"), 2, "{}", ended.all());
    assert_eq!(of("trial-ends"), 2, "{}", ended.all());
    assert_eq!(of("scenario-ends"), 1, "{}", ended.all());
}

#[test]
fn no_progress_is_silence() {
    let (project, file) = Project::of("told", TOLD);
    let ended = project
        .run(&["run", &file, "--runs", "1", "--progress", "none"])
        .expect_code(0);
    assert_eq!(ended.stderr, "");
}

#[test]
fn a_report_can_be_printed_as_markdown_and_as_csv() {
    let (project, _) = told();
    let written = |file: &str| project.read(&format!("reports/told.default/{file}"));
    for (form, file) in [("markdown", "report.md"), ("csv", "trials.csv")] {
        let before = written(file);
        let ended = project
            .run(&["report", "reports/told.default", "--print", form])
            .expect_code(0);
        assert_eq!(ended.stdout.trim_end(), before.trim_end(), "{form}");
        assert_eq!(written(file), before, "{form}");
    }
    let csv = written("trials.csv");
    let mut lines = csv.lines();
    let columns = lines.next().unwrap().split(',').count();
    assert!(lines.clone().any(|line| line.contains(",peak_rss,bytes,")));
    for line in lines {
        assert_eq!(line.split(',').count(), columns, "{line}");
    }
}

#[test]
fn a_processor_that_is_not_there_is_refused() {
    let (project, file) = Project::of("told", TOLD);
    project
        .run(&["run", &file, "--cpus", "9999"])
        .expect_code(2)
        .expect_error(&["9999"]);
    assert_eq!(project.reports(), Vec::<String>::new());
}
