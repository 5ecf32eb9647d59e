//! Standard output and standard error as the outside world has them: closed early, or full.

use std::fs::File;
use std::process::Stdio;

use crate::support::{Ended, Project};

const QUICK: &str = "name: quick\nvariants:\n  - { id: it, command: [\"true\"] }\nmeasure: { warmup: 0, runs: 1 }\n";

#[test]
fn a_reader_that_has_seen_enough_is_no_failure() {
    let (project, file) = Project::of("quick", QUICK);
    for args in [&["list", "metrics"][..], &["run", &file]] {
        let mut child = project.start(args);
        drop(child.stdout.take());
        Ended::from(child.wait_with_output().unwrap()).expect_code(0);
    }
    project.result("quick.default");
}

#[test]
fn output_that_cannot_be_written_is_said_and_costs_no_report() {
    let project = Project::new();
    let Ok(full) = File::options().write(true).open("/dev/full") else {
        crate::support::skipped("there is no /dev/full");
        return;
    };
    let file = project.scenario("quick", QUICK);
    let output = project
        .command(&["run", &file])
        .stdout(full)
        .stderr(Stdio::piped())
        .output()
        .unwrap();
    let ended = Ended::from(output).expect_code(3);
    ended.expect_error(&["No space left on device"]);
    project.result("quick.default");
    assert_eq!(project.reports(), ["quick.default"]);
}

#[test]
fn errors_that_nobody_can_read_still_have_their_exit_code() {
    let project = Project::new();
    let mut child = project.start(&["run", "nothing.yaml"]);
    drop(child.stderr.take());
    Ended::from(child.wait_with_output().unwrap()).expect_code(2);
}
