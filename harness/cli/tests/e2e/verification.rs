//! Workloads that prove their outputs: what a program in a few lines of shell reports that way
//! counts, and a wrong output is found.

use std::process::Child;

use serde_json::Value;

use crate::support::{Ended, Project, program, signal, variant, verdict, wait_until};
use crate::support::{cgroups_of, names_in, processes_in};

/// A workload whose output is its implementation's name, proved to be one word. `wrong` writes two,
/// and `sometimes` does where it is counted. While there is a file `slow`, a proof takes for ever.
const PROVES: &str = r#"#!/bin/sh
home=$(dirname "$0")
case $1 in
describe)
    echo '{"protocol":1,"workloads":[{"name":"proves","generator":1,"schema":{},"verifies":true,
        "implementations":[{"id":"one"},{"id":"two"},{"id":"wrong"},{"id":"sometimes"}],
        "digests":["words"],"metrics":[{"name":"bytes","unit":"bytes","better":"lower"}]}]}' ;;
key)
    echo '{"params":{},"input_key":{}}' ;;
prepare)
    echo 1 > "$PLIMSOLL_INPUTS/words" ;;
run)
    echo out > "$PLIMSOLL_OUTPUT"
    case $PLIMSOLL_IMPLEMENTATION-$PLIMSOLL_INSTRUMENT in
    wrong-* | sometimes-count) echo put >> "$PLIMSOLL_OUTPUT" ;;
    esac ;;
verify)
    if [ -e "$home/slow" ]; then : > "$home/verifies"; exec sleep 300; fi
    words=$(wc -w < "$PLIMSOLL_OUTPUT")
    if [ "$words" -ne "$(cat "$PLIMSOLL_INPUTS/words")" ]; then
        echo "the output has $words words" >&2
        exit 1
    fi
    echo '{"t":1,"event":"digest","name":"words","value":"sum64:1"}
{"t":1,"event":"metric","name":"bytes","unit":"bytes","better":"lower","value":4}' >> "$PLIMSOLL_EVENTS" ;;
esac
"#;

fn scenario(project: &Project, variants: &str, targets: &str) -> String {
    program(project, "proves.sh", PROVES);
    let yaml = format!(
        "name: proves\nworkload: {{ program: ./proves.sh, name: proves }}\n\
         variants: [{variants}]\nmeasure: {{ warmup: 1, runs: 2 }}\ntargets: [{targets}]\n"
    );
    project.scenario("proves", &yaml)
}

/// A run that has come to an output whose proof takes for ever.
fn verifying() -> (Project, Child) {
    let project = Project::new();
    let file = scenario(&project, "{ id: one }", "");
    std::fs::write(project.path("slow"), "").unwrap();
    let child = project.start(&["run", &file, "--scratch", "scratch"]);
    wait_until("it verifies", || project.path("verifies").exists());
    (project, child)
}

fn verified(result: &Value) -> Vec<bool> {
    let trials = result["trials"].as_array().unwrap();
    trials
        .iter()
        .filter_map(|trial| trial["verification"]["verified"].as_bool())
        .collect()
}

#[test]
fn targets_bind_what_a_proof_reports() {
    let project = Project::new();
    let file = scenario(
        &project,
        "{ id: one }, { id: two }",
        "{ identical: [one, two], digest: words }, { equals: { words: \"sum64:1\" } }, \
         { metric: bytes, variant: two, at_most: 4 B }",
    );
    let ended = project.run(&["run", &file]).expect_code(0);
    let result = project.result("proves.default");
    ended.expect_verdicts(&result, &["pass"; 3]);
    // Each variant's warm-up, its two runs and its count trial.
    assert_eq!(verified(&result), [true; 8]);
}

#[test]
fn an_output_that_does_not_verify_is_no_success() {
    let project = Project::new();
    let file = scenario(&project, "{ id: one }, { id: wrong }", "");
    let ended = project.run(&["run", &file]).expect_code(3);
    let said = "failed: the output did not verify: the output has 2 words";
    ended.expect_said(&[said]);
    let result = project.result("proves.default");
    let wrong = variant(&result, "wrong");
    assert_eq!(wrong["outcome"], "failed");
    assert_eq!(wrong["stderr_tail"], "the output has 2 words\n");
    let markdown = project.read("reports/proves.default/report.md");
    assert!(markdown.contains(said));
}

#[test]
fn nor_is_one_that_is_wrong_in_the_count_trial_only() {
    let project = Project::new();
    let file = scenario(
        &project,
        "{ id: one }, { id: sometimes }",
        "{ outcome: completed, variant: sometimes }",
    );
    let ended = project.run(&["run", &file]).expect_code(1);
    let result = project.result("proves.default");
    assert_eq!(verdict(&result, 0), "fail", "{}", ended.all());
    let file = scenario(&project, "{ id: one }, { id: sometimes }", "");
    let ended = project.run(&["run", &file]).expect_code(3);
    ended.expect_said(&["the output has 2 words"]);
}

#[test]
fn ctrl_c_while_an_output_is_verified() {
    let (project, child) = verifying();
    let pid = child.id();
    signal(&child, libc::SIGINT);
    let ended = Ended::from(child.wait_with_output().unwrap()).expect_code(130);
    assert_eq!(processes_in(project.root()), Vec::<String>::new());
    assert_eq!(cgroups_of(pid), Vec::<String>::new());
    assert_eq!(names_in(&project.path("scratch")), Vec::<String>::new());
    let result = project.result("proves.default");
    let trial = &result["trials"][0];
    assert_eq!(trial["outcome"], "interrupted", "{}", ended.all());
    assert_eq!(
        trial["diagnosis"],
        "interrupted by the user while its output was being verified"
    );
    assert_eq!(trial["verification"], Value::Null);
}

#[test]
fn kill_nine_while_an_output_is_verified() {
    let (project, mut child) = verifying();
    let pid = child.id();
    child.kill().unwrap();
    child.wait().unwrap();
    wait_until("nothing is left", || {
        processes_in(project.root()).is_empty()
            && cgroups_of(pid).is_empty()
            && names_in(&project.path("scratch")).is_empty()
    });
}
