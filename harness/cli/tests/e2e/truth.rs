//! Figures held against what is known to be true.

use std::path::Path;

use crate::support::{Project, skipped, variant};

const MIB: f64 = 1024.0 * 1024.0;

fn metric(project: &Project, report: &str, id: &str, name: &str) -> f64 {
    let result = project.result(report);
    let metric = &variant(&result, id)["metrics"][name];
    metric["max"]
        .as_f64()
        .unwrap_or_else(|| panic!("{name} of {id}: {metric}"))
}

#[test]
fn the_peak_is_the_one_that_gnu_time_reports() {
    if !Path::new("/usr/bin/time").exists() {
        skipped("GNU time is not installed");
        return;
    }
    let project = Project::new();
    // A file and one thread: how much sort takes does not depend on the machine's day.
    let numbers: String = (0..300_000).rev().map(|n| format!("{n}\n")).collect();
    std::fs::write(project.path("numbers.txt"), numbers).unwrap();
    let yaml = "name: peak\nvariants:\n- id: sort\n  \
        command: [/usr/bin/time, -f, \"%M\", -o, \"{output}\", sort, -n, --parallel=1, -o, /dev/null, numbers.txt]\n  \
        output: { file: txt }\nmeasure: { warmup: 0, runs: 1 }\n";
    let file = project.scenario("peak", yaml);
    project
        .run(&["run", &file, "--keep-output", "kept"])
        .expect_code(0);
    let said = project.read("kept/sort.txt");
    let theirs = said.trim().parse::<f64>().unwrap() * 1024.0;
    let ours = metric(&project, "peak.default", "sort", "peak_rss");
    assert!(
        (ours / theirs - 1.0).abs() < 0.01,
        "ours {ours}, GNU time {theirs}"
    );
}

#[test]
fn the_smallest_command_is_not_charged_with_what_started_it() {
    let (project, file) = Project::of(
        "small",
        "name: small\nvariants:\n- { id: it, command: [\"true\"] }\nmeasure: { runs: 2 }\n",
    );
    project.run(&["run", &file]).expect_code(0);
    let peak = metric(&project, "small.default", "it", "peak_rss");
    assert!(peak < 8.0 * MIB, "{} MiB", peak / MIB);
}
