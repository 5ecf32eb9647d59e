//! Crash tests as scenarios: steps that are killed, and what resumes them.

use serde_json::Value;

use crate::support::{Ended, Project, variant};

/// Adds the numbers up to 40, one every few milliseconds, and goes on from its checkpoint. The careless
/// one writes the sum before it writes how far it is, and that at the end only.
const COUNT: &str = r#"
dir=$1 how=$2 i=0 sum=0
[ -f "$dir/checkpoint" ] && read -r i sum < "$dir/checkpoint"
[ -f "$dir/sum" ] && read -r sum < "$dir/sum"
while [ "$i" -lt 40 ]; do
    i=$((i + 1)) sum=$((sum + i))
    if [ "$how" = careful ]; then
        echo "$i $sum" > "$dir/new" && mv "$dir/new" "$dir/checkpoint"
    else
        echo "$sum" > "$dir/new" && mv "$dir/new" "$dir/sum"
    fi
    sleep 0.005
done
echo "$sum"
"#;

/// Kills are timed by a run without one, which comes first and is slower where its files are cold: what
/// must strike in later runs is due early.
fn count(how: &str, kill: &str) -> (Project, Ended, Value) {
    let project = Project::new();
    std::fs::write(project.path("count.sh"), COUNT).unwrap();
    let yaml = format!(
        r#"
name: crash
variants:
  - {{ id: plain, baseline: true, command: [sh, count.sh, "{{scratch}}", {how}], output: stdout }}
  - {{ id: killed, command: [sh, count.sh, "{{scratch}}", {how}], output: stdout, kill: {kill} }}
measure: {{ warmup: 0, runs: 2, count: false }}
targets:
  - {{ identical: [plain, killed] }}
"#
    );
    let file = project.scenario("crash", &yaml);
    let ended = project.run(&["run", &file]);
    let result = project.result("crash.default");
    (project, ended, result)
}

#[test]
fn what_resumes_after_a_crash_is_identical() {
    let (project, ended, result) = count("careful", "{ at: 15 %, times: 2 }");
    ended.expect_verdicts(&result, &["pass"]);
    let killed = variant(&result, "killed");
    assert_eq!(
        killed["steps"],
        serde_json::json!([{ "name": "", "kills": { "planned": 4, "killed": 4 } }])
    );
    let trials = result["trials"].as_array().unwrap();
    let of_killed = trials.iter().filter(|trial| trial["variant"] == "killed");
    let (warmups, measured): (Vec<&Value>, Vec<&Value>) =
        of_killed.partition(|trial| trial["role"] == "warmup");
    assert_eq!(
        (warmups.len(), measured.len()),
        (1, 2),
        "a run without a kill comes first"
    );
    for trial in measured {
        let said = trial["diagnosis"].as_str().unwrap();
        assert_eq!(
            said.matches("it was killed by the scenario at ").count(),
            2,
            "{said}"
        );
    }
    let lines = project.read("reports/crash.default/trials.jsonl");
    let records = lines
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap());
    let kills: usize = records
        .map(|trial| {
            let steps = trial["steps"].as_array().unwrap();
            steps
                .iter()
                .filter(|step| step["kill"]["killed"] == true)
                .count()
        })
        .sum();
    assert_eq!(kills, 4);
    ended.expect_said(&["killed 4 of 4"]);
    ended.expect_code(0);
}

#[test]
fn what_counts_twice_after_a_crash_is_found_out() {
    let (_project, ended, result) = count("careless", "{ at: 25 % }");
    ended.expect_verdicts(&result, &["fail"]);
    ended.expect_code(1);
}

#[test]
fn a_kill_that_never_strikes_is_said() {
    let (_project, ended, result) = count("careful", "{ at: 1 min }");
    ended.expect_verdicts(&result, &["pass"]);
    let warnings = result["warnings"].to_string();
    assert!(
        warnings.contains("killed was never killed (2 planned kills)"),
        "{warnings}"
    );
    assert!(
        warnings.contains("before the scenario's kill, due at 60.0 s"),
        "{warnings}"
    );
    ended.expect_code(0);
}

#[test]
fn a_step_is_killed_at_random_and_the_next_one_resumes() {
    let project = Project::new();
    std::fs::write(project.path("count.sh"), COUNT).unwrap();
    let yaml = r#"
name: resume
variants:
  - id: it
    steps:
      - { name: build, command: [sh, count.sh, "{scratch}", careful], kill: { at: random, seed: 7 } }
      - { name: resume, command: [sh, count.sh, "{scratch}", careful] }
    output: stdout
  - { id: known, command: [echo, 820] }
measure: { runs: 1 }
targets:
  - { identical: [it, known] }
  - { metric: step.resume.peak_rss, variant: it, at_most: 1 GiB }
"#;
    let file = project.scenario("resume", yaml);
    let ended = project.run(&["run", &file]);
    let result = project.result("resume.default");
    ended.expect_verdicts(&result, &["pass"; 2]);
    let steps = &variant(&result, "it")["steps"];
    assert_eq!(
        (&steps[0]["name"], &steps[0]["kills"]["planned"]),
        (&"build".into(), &1.into())
    );
    assert_eq!(
        (&steps[1]["name"], &steps[1]["kills"]),
        (&"resume".into(), &Value::Null)
    );
    ended.expect_code(0);
}
