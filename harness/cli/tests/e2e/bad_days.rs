//! Commands that misbehave: each has its outcome and a message, and leaves nothing behind.

use crate::support::{Ended, Project, names_in, processes_with, skipped, variant};

/// Runs `script` as the only variant, with `extra` lines in the scenario, in a project of its own.
fn run_script(script: &str, extra: &str) -> Project {
    let project = Project::new();
    run_script_in(&project, script, extra);
    project
}

fn run_script_in(project: &Project, script: &str, extra: &str) {
    let yaml = format!(
        "name: bad\nvariants:\n  - id: it\n    command: [sh, -c, {script:?}]\n\
         measure: {{ warmup: 0, runs: 1 }}\n{extra}\n"
    );
    let file = project.scenario("bad", &yaml);
    project.run(&["run", &file]);
}

#[track_caller]
fn outcome(project: &Project) -> (String, String) {
    let result = project.result("bad.default");
    let it = variant(&result, "it");
    let text = |key: &str| it[key].as_str().unwrap().to_owned();
    (text("outcome"), text("diagnosis"))
}

/// Runs a script that has a word of its own, in place of `MARK`, on the command line of what it leaves
/// running; afterwards no process has it.
#[track_caller]
fn reaped(script: &str) -> Project {
    let project = Project::new();
    let mark = project.root().file_name().unwrap().to_str().unwrap();
    run_script_in(&project, &script.replace("MARK", mark), "");
    assert_eq!(processes_with(mark), Vec::<i32>::new());
    project
}

#[test]
fn exit_three_is_failed_and_says_so() {
    let project = run_script("echo broken >&2; exit 3", "");
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
    let project = run_script("kill -SEGV $$", "");
    let (outcome, diagnosis) = outcome(&project);
    assert_eq!(outcome, "crashed");
    assert!(diagnosis.contains("SIGSEGV"), "{diagnosis}");
}

#[test]
fn a_child_left_behind_is_reaped() {
    let project = reaped("sh -c 'sleep 300; : MARK' & exit 0");
    assert_eq!(outcome(&project).0, "completed");
}

#[test]
fn a_child_that_escaped_its_session_is_reaped() {
    reaped("setsid sh -c 'sleep 300; : MARK' & sleep 0.2");
}

#[test]
fn ignoring_sigterm_helps_nobody() {
    let project = run_script(
        "trap '' TERM; while :; do sleep 1; done",
        "limits: { wall: 300 ms, grace: 200 ms }",
    );
    let (outcome, diagnosis) = outcome(&project);
    assert_eq!(outcome, "timed-out");
    assert!(diagnosis.contains("after 0.3 s"), "{diagnosis}");
}

#[test]
fn a_flood_without_a_newline_is_read_and_dropped() {
    let project = run_script(
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
    let project = run_script("sleep 300", "limits: { stall: 500 ms, grace: 100 ms }");
    let (outcome, diagnosis) = outcome(&project);
    assert_eq!(outcome, "stalled");
    assert!(diagnosis.contains("no progress"), "{diagnosis}");
}

#[test]
fn burning_cpu_is_no_progress_for_a_program_that_reports_some() {
    let script = r#"echo '{"t":1,"event":"progress","done":1,"total":9,"unit":"steps"}' >> "$PLIMSOLL_EVENTS"; while :; do :; done"#;
    let project = run_script(
        script,
        "limits: { stall: 500 ms, grace: 100 ms, wall: 60 s }",
    );
    assert_eq!(outcome(&project).0, "stalled");
}

#[test]
fn too_much_cpu_time_is_timed_out() {
    let project = run_script(
        "while :; do :; done",
        "limits: { cpu: 300 ms, grace: 100 ms }",
    );
    let (outcome, diagnosis) = outcome(&project);
    assert_eq!(outcome, "timed-out");
    assert!(diagnosis.to_lowercase().contains("cpu"), "{diagnosis}");
}

#[test]
fn malformed_events_are_counted_and_said() {
    let script = r#"printf 'garbage\n{"event":\n\377\376\n' >> "$PLIMSOLL_EVENTS""#;
    let project = run_script(script, "");
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
    let yaml = "name: bad\nvariants:\n  - { id: it, command: [sh, -c, \"sleep 0.3; echo {scratch}\"], output: stdout }\n";
    let (project, file) = Project::of("bad", yaml);
    let first = project.start(&["run", &file]);
    let second = project.run(&["run", &file]);
    let first = Ended::from(first.wait_with_output().unwrap());
    first.expect_code(0);
    second.expect_code(0);
    assert_eq!(project.reports(), ["bad.default"]);
    project.result("bad.default");
}
