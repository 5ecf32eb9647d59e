//! Ctrl-C and `kill -9`: nothing is left, and what was measured is saved.

use std::process::Child;

use crate::support::{Ended, Project, names_in, processes_with, wait_until};

fn signal(child: &Child, signal: libc::c_int) {
    // SAFETY: kill has no memory effects; the child has not been waited for, so its id is its own.
    let sent = unsafe { libc::kill(child.id() as libc::pid_t, signal) };
    assert_eq!(sent, 0);
}

/// A scenario with a quick variant, then a slow one whose processes carry `mark`.
fn scenario(project: &Project, mark: &str) -> String {
    project.scenario(
        "slow",
        &format!(
            "name: slow\nvariants:\n\
             - {{ id: quick, baseline: true, command: [\"true\"] }}\n\
             - {{ id: slow, command: [sh, -c, \"echo {{scratch}}; sleep 300; : {mark}\"] }}\n\
             measure: {{ warmup: 0, runs: 1 }}\n"
        ),
    )
}

fn mark(project: &Project) -> String {
    format!(
        "{}-mark",
        project.root().file_name().unwrap().to_str().unwrap()
    )
}

#[test]
fn ctrl_c_saves_what_was_measured_and_leaves_nothing() {
    let project = Project::new();
    let mark = mark(&project);
    let file = scenario(&project, &mark);
    let child = project.start(&["run", &file, "--progress", "lines", "--scratch", "."]);
    wait_until("the slow command runs", || {
        !processes_with(&mark).is_empty()
    });
    signal(&child, libc::SIGINT);
    let ended = Ended::from(child.wait_with_output().unwrap()).expect_code(130);
    assert!(processes_with(&mark).is_empty());
    let result = project.result("slow.default");
    assert_eq!(result["interrupted"], true, "{}", ended.all());
    assert_eq!(project.reports(), ["slow.default"]);
    let left: Vec<_> = names_in(project.root())
        .into_iter()
        .filter(|name| !["cache", "reports", "slow.yaml"].contains(&name.as_str()))
        .collect();
    assert_eq!(left, Vec::<String>::new());
}

#[test]
fn a_second_ctrl_c_is_harder() {
    let project = Project::new();
    let mark = mark(&project);
    let yaml = format!(
        "name: slow\nvariants:\n- {{ id: it, command: [sh, -c, \"trap '' TERM; while :; do sleep 1; done; : {mark}\"] }}\n\
         limits: {{ grace: 100 s }}\n"
    );
    let file = project.scenario("slow", &yaml);
    let child = project.start(&["run", &file]);
    wait_until("the command runs", || !processes_with(&mark).is_empty());
    std::thread::sleep(std::time::Duration::from_millis(200));
    signal(&child, libc::SIGINT);
    std::thread::sleep(std::time::Duration::from_millis(300));
    signal(&child, libc::SIGINT);
    Ended::from(child.wait_with_output().unwrap()).expect_code(130);
    assert!(processes_with(&mark).is_empty());
}

#[test]
fn ctrl_c_while_inputs_are_made_leaves_no_half_input() {
    let project = Project::new();
    let yaml = "name: slow\nworkload: ortho\nparams: { sentences: 60000000 }\nvariants:\n- { id: depth-first }\n";
    let file = project.scenario("slow", yaml);
    let child = project.start(&["run", &file]);
    wait_until("inputs are being made", || has_partial_input(&project));
    signal(&child, libc::SIGINT);
    Ended::from(child.wait_with_output().unwrap()).expect_code(130);
    assert!(!has_partial_input(&project), "a half-made input is left");
}

fn has_partial_input(project: &Project) -> bool {
    fn any_file(dir: &std::path::Path) -> bool {
        std::fs::read_dir(dir).is_ok_and(|entries| {
            entries.flatten().any(|entry| {
                let path = entry.path();
                if path.is_dir() {
                    any_file(&path)
                } else {
                    entry.metadata().is_ok_and(|meta| meta.len() > 1 << 20)
                }
            })
        })
    }
    any_file(&project.path("cache"))
}

#[test]
fn kill_nine_of_the_supervisor_leaves_no_process_and_no_half_report() {
    let project = Project::new();
    let mark = mark(&project);
    let file = scenario(&project, &mark);
    let mut child = project.start(&["run", &file]);
    wait_until("the slow command runs", || {
        !processes_with(&mark).is_empty()
    });
    child.kill().unwrap();
    child.wait().unwrap();
    wait_until("everything it started is gone", || {
        processes_with(&mark).is_empty()
    });
    assert!(
        !project.path("reports/slow.default").exists(),
        "a half-written report"
    );
    // The next session goes through, and cleans up after the dead one.
    let quick = project.scenario(
        "quick",
        "name: quick\nvariants:\n- { id: it, command: [\"true\"] }\n",
    );
    project.run(&["run", &quick]).expect_code(0);
    project.run(&["clean"]).expect_code(0);
    assert_eq!(project.reports(), ["quick.default"]);
}
