//! Ctrl-C and `kill -9`: nothing is left, and what was measured is saved.

use crate::support::{
    Ended, Project, cgroups_of, names_in, processes_in, processes_with, signal, wait_until,
};
use crate::{caps, workloads};

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

/// Ends at once the first time, and takes for ever from then on.
const HANGS_LATER: &str = "if [ -e again ]; then : > hung; sleep 300; fi\n: > again\n";

/// Interrupts a scenario whose variant is `it`, with `rest` after it, while its second use of
/// `hang.sh` hangs: one trial has ended by then.
#[track_caller]
fn interrupted_in_the_second_trial(it: &str, rest: &str) {
    let project = Project::new();
    interrupt(&project, it, rest);
}

/// The same, and tells whether the trial was in a control group.
#[track_caller]
fn interrupt(project: &Project, it: &str, rest: &str) -> bool {
    std::fs::write(project.path("hang.sh"), HANGS_LATER).unwrap();
    let yaml = format!("name: hangs\nvariants:\n  - {{ id: it, {it} }}\n{rest}\n");
    let file = project.scenario("hangs", &yaml);
    let child = project.start(&["run", &file]);
    let pid = child.id();
    wait_until("it hangs", || project.path("hung").exists());
    let grouped = !cgroups_of(pid).is_empty();
    assert!(!processes_in(project.root()).is_empty());
    signal(&child, libc::SIGINT);
    let ended = Ended::from(child.wait_with_output().unwrap()).expect_code(130);
    assert_eq!(processes_in(project.root()), Vec::<String>::new());
    assert_eq!(cgroups_of(pid), Vec::<String>::new());
    // Neither scratch nor an unfinished session, both of which are made there.
    assert_eq!(project.reports(), ["hangs.default"], "{}", ended.all());
    let result = project.result("hangs.default");
    assert_eq!(result["interrupted"], true);
    assert_eq!(result["exit_code"], 130);
    let trials = result["trials"].as_array().unwrap();
    assert_eq!(trials[0]["outcome"], "completed", "{trials:#?}");
    let completed = trials
        .iter()
        .filter(|trial| trial["outcome"] == "completed")
        .count();
    assert_eq!(completed, 1, "{trials:#?}");
    grouped
}

#[test]
fn ctrl_c_while_a_trial_is_prepared() {
    interrupted_in_the_second_trial(
        "command: [\"true\"], prepare: [sh, hang.sh]",
        "measure: { warmup: 0, runs: 2 }",
    );
}

#[test]
fn ctrl_c_while_a_trial_is_concluded() {
    interrupted_in_the_second_trial(
        "command: [\"true\"], conclude: [sh, hang.sh]",
        "measure: { warmup: 0, runs: 2 }",
    );
}

#[test]
fn ctrl_c_while_an_output_is_made_canonical() {
    interrupted_in_the_second_trial(
        "command: [echo, done], output: stdout, canonicalise: [sh, hang.sh, \"{}\"]",
        "measure: { warmup: 0, runs: 2 }",
    );
}

#[test]
fn ctrl_c_in_a_warm_up() {
    interrupted_in_the_second_trial("command: [sh, hang.sh]", "measure: { warmup: 2, runs: 1 }");
}

#[test]
fn ctrl_c_in_a_trial_under_a_cap() {
    let project = Project::new();
    if caps::are_missing(&project) {
        return;
    }
    let grouped = interrupt(
        &project,
        "command: [sh, hang.sh, \"{scratch}\"]",
        "measure: { warmup: 0, runs: 1 }\n\
         targets: [{ outcome: completed, variant: it, under: { memory: 64 MiB } }]",
    );
    assert!(grouped, "the cap was not the kernel's");
}

#[test]
fn ctrl_c_before_anything_was_measured() {
    let project = Project::new();
    std::fs::write(project.path("hang.sh"), HANGS_LATER).unwrap();
    std::fs::write(project.path("again"), "").unwrap();
    let file = project.scenario(
        "hangs",
        "name: hangs\nvariants:\n  - { id: it, command: [\"true\"], prepare: [sh, hang.sh, \"{scratch}\"] }\n",
    );
    let child = project.start(&["run", &file]);
    wait_until("it hangs", || project.path("hung").exists());
    signal(&child, libc::SIGINT);
    Ended::from(child.wait_with_output().unwrap()).expect_code(130);
    assert_eq!(processes_in(project.root()), Vec::<String>::new());
    let left: Vec<_> = project
        .reports()
        .into_iter()
        .filter(|name| name != "hangs.default")
        .collect();
    assert_eq!(left, Vec::<String>::new());
}

#[test]
fn a_service_managers_sigterm_is_as_good_as_ctrl_c() {
    let project = Project::new();
    let mark = mark(&project);
    let file = scenario(&project, &mark);
    let child = project.start(&["run", &file]);
    wait_until("the slow command runs", || {
        !processes_with(&mark).is_empty()
    });
    signal(&child, libc::SIGTERM);
    Ended::from(child.wait_with_output().unwrap()).expect_code(130);
    assert_eq!(processes_in(project.root()), Vec::<String>::new());
    assert_eq!(project.result("slow.default")["interrupted"], true);
    assert_eq!(project.reports(), ["slow.default"]);
}

#[test]
fn ctrl_c_in_one_scenario_is_the_end_of_all() {
    let project = Project::new();
    let mark = mark(&project);
    let first = scenario(&project, &mark);
    let second = project.scenario(
        "second",
        "name: second\nvariants:\n  - { id: it, command: [touch, ran] }\n",
    );
    let child = project.start(&["run", &first, &second]);
    wait_until("the slow command runs", || {
        !processes_with(&mark).is_empty()
    });
    signal(&child, libc::SIGINT);
    Ended::from(child.wait_with_output().unwrap()).expect_code(130);
    assert!(!project.path("ran").exists(), "the second scenario ran");
    assert_eq!(project.reports(), ["slow.default"]);
    assert_eq!(processes_in(project.root()), Vec::<String>::new());
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
    let yaml = "name: slow\nworkload: ortho\nparams: { sentences: 60000000 }\nvariants:\n- { id: depth-first }\n";
    let (project, file) = Project::of("slow", yaml);
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
fn kill_nine_while_inputs_are_made_leaves_none_that_are_used() {
    let project = Project::new();
    let file = workloads::told(&project);
    std::fs::write(project.path("slow"), "").unwrap();
    let mut child = project.start(&["run", &file]);
    wait_until("half of the input is there", || {
        project.path("half").exists()
    });
    child.kill().unwrap();
    child.wait().unwrap();
    wait_until("what made the input is gone", || {
        processes_in(project.root()).is_empty()
    });
    // Its targets say that the input has both lines.
    std::fs::remove_file(project.path("slow")).unwrap();
    project.run(&["run", &file]).expect_code(0);
    project.run(&["clean"]).expect_code(0);
    assert_eq!(project.reports(), ["told.default"]);
    assert_eq!(
        inputs_in(&project.path("cache")),
        Vec::<String>::new(),
        "half an input is left"
    );
}

/// Names of directories in the cache, of whatever kind.
fn inputs_in(cache: &std::path::Path) -> Vec<String> {
    let inputs = cache.join("inputs");
    names_in(&inputs)
        .into_iter()
        .filter(|name| inputs.join(name).is_dir())
        .collect()
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
