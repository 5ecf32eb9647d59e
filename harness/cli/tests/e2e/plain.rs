//! Plain commands: what is filled into them, and what they may say for themselves.

use crate::support::{Project, variant};

#[test]
fn threads_are_one_where_nothing_is_said() {
    let yaml = r#"
name: threads
variants:
  - { id: unset, baseline: true, command: [echo, "{threads}"], output: stdout }
  - { id: one, command: [echo, "1"], output: stdout }
  - { id: set, threads: 3, command: [echo, "{threads}"], output: stdout }
  - { id: three, command: [echo, "3"], output: stdout }
measure: { warmup: 0, runs: 1 }
targets:
  - { identical: [set, three] }
  - { identical: [unset, one] }
"#;
    let (project, file) = Project::of("threads", yaml);
    let ended = project.run(&["run", &file]);
    let result = project.result("threads.default");
    ended.expect_verdicts(&result, &["pass"; 2]);
    ended.expect_code(0);
}

#[test]
fn a_plain_command_may_report_phases_progress_metrics_and_digests() {
    let project = Project::new();
    let script = r#"
say() {
    read -r up _ < /proc/uptime
    printf '{"t":%s%s0000000,%s}\n' "${up%.*}" "${up#*.}" "$1" >> "$PLIMSOLL_EVENTS"
}
say '"event":"phase_begin","phase":"build"'
sleep 0.1
say '"event":"phase_end","phase":"build"'
say '"event":"progress","done":3,"total":4,"unit":"rows"'
say '"event":"ledger","component":"queue","bytes":4096'
say '"event":"metric","name":"index_size","unit":"bytes","better":"lower","value":1048576'
say '"event":"digest","name":"total","value":"mine:abc"'
"#;
    std::fs::write(project.path("say.sh"), script).unwrap();
    let yaml = r#"
name: says
variants:
  - { id: it, command: [sh, say.sh] }
measure: { warmup: 0, runs: 1 }
targets:
  - { metric: index_size, variant: it, at_most: 1 MiB }
  - { equals: { total: "mine:abc" }, variant: it }
"#;
    let file = project.scenario("says", yaml);
    let ended = project.run(&["run", &file]).expect_code(0);
    let result = project.result("says.default");
    ended.expect_verdicts(&result, &["pass"; 2]);
    let it = variant(&result, "it");
    assert_eq!(it["metrics"]["index_size"]["max"], 1_048_576.0);
    assert_eq!(it["metrics"]["index_size"]["unit"], "bytes");
    assert_eq!(it["digests"]["total"], "mine:abc");
    let phases = it["timeline"]["phases"].as_array().unwrap();
    assert_eq!(phases.len(), 1, "{phases:?}");
    assert_eq!(phases[0]["name"], "build");
    assert!(it["metrics"]["phase.build.wall"]["max"].is_f64(), "{it:#}");
    let trials = project.path("reports/says.default/trials.jsonl");
    let trials = std::fs::read_to_string(trials).unwrap();
    let trial: serde_json::Value = serde_json::from_str(trials.lines().next().unwrap()).unwrap();
    let step = &trial["steps"][0];
    assert_eq!(step["malformed_events"], 0);
    assert_eq!(step["progress"], serde_json::json!([3, 4, "rows"]));
    assert_eq!(step["ledger"], serde_json::json!([["queue", 4096]]));
}

#[test]
fn everything_a_command_is_given_reaches_it() {
    let project = Project::new();
    let script = "cat; echo \"$1 $2 $NAME\"; cat \"$3/made\"; pwd -P";
    std::fs::write(
        project.path("tell.sh"),
        format!("{{ {script}; }} > \"$4\"\n"),
    )
    .unwrap();
    std::fs::create_dir(project.path("below")).unwrap();
    let yaml = r#"
name: given
params: { word: hello world, number: 7 }
sizes: { default: { number: 8 } }
variants:
  - id: it
    command: [sh, ../tell.sh, "{params.word}", "n={params.number}", "{scratch}", "{output}"]
    stdin: { text: "from stdin\n" }
    env: { NAME: "a value with $HOME and {params.word}" }
    directory: below
    prepare: [sh, -c, 'echo prepared > "$0/made"', "{scratch}"]
    conclude: [sh, -c, 'cp "$0/made" ../concluded', "{scratch}"]
    output: { file: txt }
    canonicalise: [sort, "{}"]
  - id: sorted
    command: [sh, -c, "sort ../kept.txt > {output}"]
    directory: below
    output: { file: txt }
measure: { warmup: 0, runs: 1 }
targets:
  - { identical: [it, sorted] }
"#;
    let below = project.path("below").canonicalize().unwrap();
    let expected = format!(
        "from stdin\nhello world n=8 a value with $HOME and {{params.word}}\nprepared\n{}\n",
        below.display()
    );
    std::fs::write(project.path("kept.txt"), &expected).unwrap();
    let file = project.scenario("given", yaml);
    let ended = project
        .command(&["run", &file, "--keep-output", "kept"])
        .env("LC_ALL", "C")
        .output()
        .unwrap();
    let ended = crate::support::Ended::from(ended).expect_code(0);
    ended.expect_verdicts(&project.result("given.default"), &["pass"]);
    let kept = project.read("kept/it.txt");
    assert_eq!(kept, expected);
    let concluded = project.read("concluded");
    assert_eq!(concluded, "prepared\n");
}
