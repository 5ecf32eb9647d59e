//! Scenarios and command lines that are wrong: refused before anything runs, with what, where
//! and the nearest valid name.

use std::fs::File;

use crate::support::Project;

const GOOD: &str = "\
name: good
variants:
  - { id: a, baseline: true, command: [\"true\"] }
  - { id: b, command: [\"true\"] }
targets:
  - { outcome: completed, variant: b }
";

/// Replaces `from` by `to` in a good scenario, and expects a refusal that says all of `needles`.
#[track_caller]
fn refused(from: &str, to: &str, needles: &[&str]) {
    assert!(GOOD.contains(from), "{from} is not in the good scenario");
    let (project, file) = Project::of("bad", &GOOD.replace(from, to));
    let ended = project.run(&["run", &file]).expect_code(2);
    ended.expect_error(&["bad.yaml"]);
    ended.expect_error(needles);
    assert!(project.reports().is_empty(), "something ran");
}

#[test]
fn an_unknown_key() {
    refused("id: b,", "idd: b,", &["bad.yaml:4:7", "idd", "`id`"]);
}

#[test]
fn an_unknown_variant_in_a_target() {
    refused("variant: b", "variant: bb", &["bad.yaml:6:36", "bb", "`b`"]);
}

#[test]
fn two_baselines() {
    refused(
        "id: b,",
        "id: b, baseline: true,",
        &["bad.yaml:4:24", "baseline"],
    );
}

#[test]
fn a_wrong_unit() {
    refused(
        "targets:",
        "limits: { memory: 5 MBB }\ntargets:",
        &["bad.yaml:5:19", "5 MBB", "MB"],
    );
}

#[test]
fn negative_runs() {
    refused(
        "targets:",
        "measure: { runs: -3 }\ntargets:",
        &["bad.yaml:5:18", "-3", "runs"],
    );
}

#[test]
fn the_same_id_twice() {
    refused("id: b,", "id: a,", &["bad.yaml:4:11", "`a`"]);
}

#[test]
fn a_ratio_without_a_baseline() {
    let yaml = GOOD.replace(", baseline: true", "").replace(
        "outcome: completed",
        "metric: wall, at_most: 1.1 x baseline",
    );
    let (project, file) = Project::of("bad", &yaml);
    project
        .run(&["run", &file])
        .expect_code(2)
        .expect_error(&["baseline"]);
}

#[test]
fn an_empty_file_says_what_a_scenario_needs() {
    let (project, file) = Project::of("empty", "");
    project
        .run(&["run", &file])
        .expect_code(2)
        .expect_error(&["empty.yaml", "empty"]);
}

#[test]
fn a_gigabyte_of_yaml_is_refused_by_its_size() {
    let project = Project::new();
    File::create(project.path("huge.yaml"))
        .unwrap()
        .set_len(1 << 30)
        .unwrap();
    project
        .run(&["run", "huge.yaml"])
        .expect_code(2)
        .expect_error(&["huge.yaml", "1 GiB"]);
}

#[test]
fn a_yaml_bomb_is_refused() {
    let project = Project::new();
    let mut yaml = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for level in 1..10 {
        let refs = vec![format!("*a{}", level - 1); 10].join(", ");
        yaml.push_str(&format!("a{level}: &a{level} [{refs}]\n"));
    }
    let file = project.scenario("bomb", &yaml);
    project
        .run(&["run", &file])
        .expect_code(2)
        .expect_error(&["bomb.yaml"]);
}

#[test]
fn a_missing_file_names_its_neighbour() {
    let project = Project::new();
    project.scenario("good", GOOD);
    project
        .run(&["run", "god.yaml"])
        .expect_code(2)
        .expect_error(&["god.yaml", "good.yaml"]);
}

#[test]
fn an_unknown_size_names_those_there_are() {
    let (project, file) = Project::of("good", GOOD);
    project
        .run(&["run", &file, "--size", "ful"])
        .expect_code(2)
        .expect_error(&["ful", "default"]);
}

#[test]
fn a_command_that_does_not_exist_is_found_out_before_anything_runs() {
    let (project, good) = Project::of("good", &GOOD.replace("[\"true\"]", "[touch, ran]"));
    let file = project.scenario(
        "bad",
        &GOOD.replacen("\"true\"", "no-such-program-anywhere", 1),
    );
    let ended = project.run(&["run", &good, &file]).expect_code(2);
    ended.expect_error(&["no-such-program-anywhere", "`a`"]);
    assert!(!project.path("ran").exists(), "something ran");
    assert!(project.reports().is_empty(), "something was reported");
}

#[test]
fn every_scenario_is_read_before_the_first_one_runs() {
    let (project, good) = Project::of("good", GOOD);
    let bad = project.scenario("bad", &GOOD.replace("id: b,", "idd: b,"));
    project.run(&["run", &good, &bad]).expect_code(2);
    assert!(project.reports().is_empty());
}

#[test]
fn a_report_directory_that_cannot_be_written_is_found_out_first() {
    let (project, file) = Project::of("good", GOOD);
    std::fs::write(project.path("occupied"), "a file").unwrap();
    let ended = project.run(&["run", &file, "--out", "occupied"]);
    assert!(matches!(ended.code, Some(2 | 3)), "{}", ended.all());
    ended.expect_error(&["occupied"]);
}

#[test]
fn a_report_that_is_cut_short_is_refused_clearly() {
    let (project, file) = Project::of("good", GOOD);
    project.run(&["run", &file]).expect_code(0);
    let path = project.path("reports/good.default/result.json");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, &text[..text.len() / 2]).unwrap();
    let ended = project
        .run(&["report", "reports/good.default"])
        .expect_code(2);
    ended.expect_error(&["result.json"]);
}

#[test]
fn a_label_of_ten_thousand_characters_is_refused() {
    let about = format!("name: good\nabout: {}\n", "x".repeat(10_000));
    refused(
        "name: good\n",
        &about,
        &[
            "bad.yaml:2:8",
            "`about`",
            "10000 characters",
            "at most 1000",
        ],
    );
}

#[test]
fn a_label_with_control_characters_is_refused() {
    refused(
        "name: good\n",
        "name: good\nabout: \"red \\e[31m\"\n",
        &["bad.yaml:2:8", "`about`", "control characters"],
    );
}

#[test]
fn hostile_labels_and_hostile_output_do_no_harm() {
    let project = Project::new();
    let about = format!(
        r#"<script>alert(1)</script> </pre> | `rm` \" ' {}"#,
        "x".repeat(900)
    );
    let hostile = "<script>\u{1b}[31m".repeat(10_000);
    std::fs::write(project.path("hostile"), hostile).unwrap();
    let yaml = GOOD
        .replace("name: good", &format!("name: good\nabout: \"{about}\""))
        .replace(
            "id: b, command: [\"true\"]",
            r#"id: b, about: "<script> ``` |", command: [sh, -c, "cat hostile >&2; exit 4"]"#,
        );
    let file = project.scenario("good", &yaml);
    // The target that expects `completed` fails, unless nothing is expected of it.
    project.run(&["run", &file]).expect_code(1);
    let yaml = yaml.split("targets:").next().unwrap();
    project.scenario("good", yaml);
    let ended = project.run(&["run", &file]).expect_code(3);
    let read = |file: &str| {
        let path = project.path(&format!("reports/good.default/{file}"));
        std::fs::read_to_string(path).unwrap()
    };
    let html = read("report.html").to_lowercase();
    assert!(html.contains("&#60;script") || html.contains("&lt;script"));
    assert!(!html.contains("<script"), "a script in the HTML report");
    // In a code block it is text: as long as the block is not closed by what is in it.
    let outside = outside_code_blocks(&read("report.md"));
    assert!(outside.contains("Run it again"), "{outside}");
    assert!(!outside.contains("<script"), "{outside}");
    for (name, text) in [
        ("report.html", &html),
        ("report.md", &read("report.md")),
        ("trials.csv", &read("trials.csv")),
        ("result.json", &read("result.json")),
        ("standard output", &ended.stdout),
        ("standard error", &ended.stderr),
    ] {
        assert!(!text.contains('\u{1b}'), "an escape in {name}");
    }
}

/// Markdown without its fenced code blocks. A block ends at a line of at least as many backticks
/// as it began with (CommonMark, section 4.5).
fn outside_code_blocks(markdown: &str) -> String {
    let mut outside = String::new();
    let mut fence = None;
    for line in markdown.lines() {
        let ticks = line.len() - line.trim_start_matches('`').len();
        match fence {
            None if ticks >= 3 => fence = Some(ticks),
            None => {
                outside.push_str(line);
                outside.push('\n');
            }
            Some(open) if ticks >= open && ticks == line.trim_end().len() => fence = None,
            Some(_) => {}
        }
    }
    outside
}
