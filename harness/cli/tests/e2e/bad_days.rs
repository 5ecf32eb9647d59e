//! Commands that misbehave: each has its outcome and a message, and leaves nothing behind.

use crate::support::{Ended, Project, names_in, processes_with, skipped, variant};

/// Runs `script` as the only variant, with `extra` lines in the scenario.
fn run_script(project: &Project, script: &str, extra: &str) -> Ended {
    let yaml = format!(
        "name: bad\nvariants:\n  - id: it\n    command: [sh, -c, {script:?}]\n\
         measure: {{ warmup: 0, runs: 1 }}\n{extra}\n"
    );
    let file = project.scenario("bad", &yaml);
    project.run(&["run", &file])
}

#[track_caller]
fn outcome(project: &Project) -> (String, String) {
    let result = project.result("bad.default");
    let it = variant(&result, "it");
    let text = |key: &str| it[key].as_str().unwrap().to_owned();
    (text("outcome"), text("diagnosis"))
}

/// A word that appears on the command line of every process a script starts.
fn marker(project: &Project) -> String {
    project
        .root()
        .file_name()
        .unwrap()
        .to_str()
        .unwrap()
        .to_owned()
}

#[test]
fn exit_three_is_failed_and_says_so() {
    let project = Project::new();
    run_script(&project, "echo broken >&2; exit 3", "");
    let (outcome, diagnosis) = outcome(&project);
    assert_eq!(outcome, "failed");
    assert!(diagnosis.contains('3'), "{diagnosis}");
    let result = project.result("bad.default");
    assert!(
        variant(&result, "it")["stderr_tail"]
            .as_str()
            .unwrap()
            .contains("broken")
    );
}

#[test]
fn an_expected_exit_status_is_completed() {
    let project = Project::new();
    let yaml =
        "name: bad\nvariants:\n  - { id: it, command: [sh, -c, exit 3], exit_codes: [0, 3] }\n";
    let file = project.scenario("bad", yaml);
    project.run(&["run", &file]).expect_code(0);
    assert_eq!(outcome(&project).0, "completed");
}

#[test]
fn death_by_a_signal_is_crashed_and_names_it() {
    let project = Project::new();
    run_script(&project, "kill -SEGV $$", "");
    let (outcome, diagnosis) = outcome(&project);
    assert_eq!(outcome, "crashed");
    assert!(diagnosis.contains("SIGSEGV"), "{diagnosis}");
}

#[test]
fn a_child_left_behind_is_reaped() {
    let project = Project::new();
    let mark = marker(&project);
    run_script(
        &project,
        &format!("sh -c 'sleep 300; : {mark}-left' & exit 0"),
        "",
    );
    assert_eq!(outcome(&project).0, "completed");
    assert_eq!(processes_with(&format!("{mark}-left")), Vec::<i32>::new());
}

#[test]
fn a_child_that_escaped_its_session_is_reaped() {
    let project = Project::new();
    let mark = marker(&project);
    run_script(
        &project,
        &format!("setsid sh -c 'sleep 300; : {mark}-escaped' & sleep 0.2"),
        "",
    );
    assert_eq!(
        processes_with(&format!("{mark}-escaped")),
        Vec::<i32>::new()
    );
}

#[test]
fn ignoring_sigterm_helps_nobody() {
    let project = Project::new();
    run_script(
        &project,
        "trap '' TERM; while :; do sleep 1; done",
        "limits: { wall: 300 ms, grace: 200 ms }",
    );
    let (outcome, diagnosis) = outcome(&project);
    assert_eq!(outcome, "timed-out");
    assert!(diagnosis.contains("after 0.3 s"), "{diagnosis}");
}

#[test]
fn a_flood_without_a_newline_is_read_and_dropped() {
    let project = Project::new();
    run_script(
        &project,
        "head -c 1000000000 /dev/zero; head -c 20000000 /dev/zero >&2",
        "",
    );
    assert_eq!(outcome(&project).0, "completed");
    let result = std::fs::metadata(project.path("reports/bad.default/result.json")).unwrap();
    assert!(
        result.len() < 4 << 20,
        "the flood is in the result: {} bytes",
        result.len()
    );
}

#[test]
fn silence_without_work_is_stalled() {
    let project = Project::new();
    run_script(
        &project,
        "sleep 300",
        "limits: { stall: 500 ms, grace: 100 ms }",
    );
    let (outcome, diagnosis) = outcome(&project);
    assert_eq!(outcome, "stalled");
    assert!(diagnosis.contains("no progress"), "{diagnosis}");
}

#[test]
fn burning_cpu_is_no_progress_for_a_program_that_reports_some() {
    let project = Project::new();
    let script = r#"echo '{"t":1,"event":"progress","done":1,"total":9,"unit":"steps"}' >> "$PLIMSOLL_EVENTS"; while :; do :; done"#;
    run_script(
        &project,
        script,
        "limits: { stall: 500 ms, grace: 100 ms, wall: 60 s }",
    );
    assert_eq!(outcome(&project).0, "stalled");
}

#[test]
fn too_much_cpu_time_is_timed_out() {
    let project = Project::new();
    run_script(
        &project,
        "while :; do :; done",
        "limits: { cpu: 300 ms, grace: 100 ms }",
    );
    let (outcome, diagnosis) = outcome(&project);
    assert_eq!(outcome, "timed-out");
    assert!(diagnosis.to_lowercase().contains("cpu"), "{diagnosis}");
}

#[test]
fn malformed_events_are_counted_and_said() {
    let project = Project::new();
    let script = r#"printf 'garbage\n{"event":\n\377\376\n' >> "$PLIMSOLL_EVENTS""#;
    run_script(&project, script, "");
    assert_eq!(outcome(&project).0, "completed");
    let result = project.result("bad.default");
    assert!(
        result["warnings"].to_string().contains("event"),
        "{}",
        result["warnings"]
    );
}

#[test]
fn scratch_on_tmpfs_is_refused() {
    let project = Project::new();
    if !std::path::Path::new("/dev/shm").is_dir() {
        skipped("no tmpfs at /dev/shm");
        return;
    }
    let yaml = "name: bad\nvariants:\n  - { id: it, command: [sh, -c, \"echo {scratch}\"] }\n";
    let file = project.scenario("bad", yaml);
    let ended = project.run(&["run", &file, "--scratch", "/dev/shm"]);
    assert!(matches!(ended.code, Some(2 | 3)), "{}", ended.all());
    ended.expect_error(&["tmpfs", "/dev/shm"]);
}

#[test]
fn scratch_is_removed_whatever_happens() {
    let project = Project::new();
    std::fs::create_dir(project.path("scratch")).unwrap();
    let yaml = "name: bad\nvariants:\n  - { id: it, command: [sh, -c, \"echo x > {scratch}/file; exit 9\"] }\n";
    let file = project.scenario("bad", yaml);
    project.run(&["run", &file, "--scratch", "scratch"]);
    assert_eq!(outcome(&project).0, "failed");
    assert_eq!(names_in(&project.path("scratch")), Vec::<String>::new());
}

#[test]
fn two_sessions_at_once_do_not_disturb_each_other() {
    let project = Project::new();
    let yaml = "name: bad\nvariants:\n  - { id: it, command: [sh, -c, \"sleep 0.3; echo {scratch}\"], output: stdout }\n";
    let file = project.scenario("bad", yaml);
    let first = project.start(&["run", &file]);
    let second = project.run(&["run", &file]);
    let first = Ended::from(first.wait_with_output().unwrap());
    first.expect_code(0);
    second.expect_code(0);
    assert_eq!(project.reports(), ["bad.default"]);
    project.result("bad.default");
}
