//! Programs of the workload protocol: the built-in ones, and one written in a few lines of shell.

use serde_json::Value;

use crate::support::{Project, program, variant};

const ORTHO: &str = r"
name: tiny
workload: ortho
params: { seed: 1, vocabulary: 200, sentences: 300 }
sizes:
  profile: { vocabulary: 100, sentences: 100 }
  smoke: {}
variants:
  - { id: in-memory, baseline: true }
  - { id: depth-first, budget: 256 MiB }
measure: { warmup: 0, runs: 1 }
targets:
  - { equals: { orthos: 13314 } }
";

#[test]
fn a_heap_profile_is_kept_and_its_call_sites_are_in_the_result() {
    let yaml = ORTHO.replace("runs: 1 }", "runs: 1, dhat: { size: profile } }");
    let (project, file) = Project::of("tiny", &yaml);
    project.smoke(&file, &[]).expect_code(0);
    let path = project.path("reports/tiny.smoke/depth-first.dhat-heap.json");
    let profile: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    // What the public viewer needs: program points and the frames that they point to.
    assert!(!profile["pps"].as_array().unwrap().is_empty());
    assert!(!profile["ftbl"].as_array().unwrap().is_empty());
    let result = project.result("tiny.smoke");
    let summary = &variant(&result, "depth-first")["profile"];
    assert_eq!(summary["file"], "depth-first.dhat-heap.json");
    // Folded for flame graphs, and held against the baseline's in the report.
    let folded = project.read("reports/tiny.smoke/depth-first.folded");
    let bytes = folded
        .lines()
        .map(|line| line.rsplit_once(' ').unwrap().1.parse::<u64>().unwrap());
    assert_eq!(bytes.sum::<u64>(), summary["at_peak"].as_u64().unwrap());
    let page = project.read("reports/tiny.smoke/report.html");
    assert!(page.contains("Heap against the baseline"));
    assert!(page.contains("class=\"flame\""));
    let sites = summary["sites"].as_array().unwrap();
    assert!(!sites.is_empty());
    assert!(sites[0]["at_peak"].as_u64().unwrap() > 0, "{}", sites[0]);
    // The profile is of the size it was asked for, far below what the trials that count held.
    let at_peak = summary["at_peak"].as_f64().unwrap();
    let in_memory = &variant(&result, "in-memory")["metrics"]["heap_peak"]["max"];
    assert!(at_peak < in_memory.as_f64().unwrap() / 2.0, "{summary}");
}

#[test]
fn a_sampled_profile_says_what_the_count_says_within_its_error() {
    let yaml = ORTHO.replace("runs: 1 }", "runs: 1, profile: { every: 4 KiB } }");
    let (project, file) = Project::of("tiny", &yaml);
    project.smoke(&file, &[]).expect_code(0);
    let result = project.result("tiny.smoke");
    let in_memory = variant(&result, "in-memory");
    let profile = &in_memory["profile"];
    assert_eq!(profile["sampled_every"], 4096);
    assert_eq!(profile["file"], "in-memory.profile.dhat-heap.json");
    let at_peak = profile["at_peak"].as_f64().unwrap();
    let error = profile["sampled"]["at_peak_error"].as_f64().unwrap();
    let counted = in_memory["metrics"]["heap_peak"]["max"].as_f64().unwrap();
    assert!(error < counted / 5.0, "{profile}");
    assert!(
        (at_peak - counted).abs() < 5.0 * error,
        "{at_peak} {counted} {error}"
    );
    // Names, and the program's own first, with inlined functions found.
    let sites = profile["sites"].as_array().unwrap();
    let frames: Vec<&str> = sites[0]["frames"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(Value::as_str)
        .collect();
    assert!(frames.iter().any(|frame| frame.contains("search (fifo/search.rs:") || frame.contains("search_text")), "{frames:#?}");
    assert!(
        !frames
            .iter()
            .any(|frame| frame.contains("heap/profile/") || frame.contains("_Unwind")),
        "{frames:#?}"
    );
    let kept =
        std::fs::read(project.path("reports/tiny.smoke/in-memory.profile.dhat-heap.json")).unwrap();
    let kept: Value = serde_json::from_slice(&kept).unwrap();
    assert_eq!(kept["dhatFileVersion"], 2);
    let report = project.read("reports/tiny.smoke/report.md");
    assert!(report.contains("one in 4 KiB allocated"), "{report}");
}

#[test]
fn call_sites_begin_in_the_program_and_not_in_its_allocator() {
    let yaml = ORTHO.replace("runs: 1 }", "runs: 1, dhat: { size: profile } }");
    let (project, file) = Project::of("tiny", &yaml);
    project.smoke(&file, &[]);
    let result = project.result("tiny.smoke");
    let sites = &variant(&result, "depth-first")["profile"]["sites"];
    for site in sites.as_array().unwrap() {
        for frame in site["frames"].as_array().unwrap() {
            let frame = frame.as_str().unwrap();
            assert!(
                !frame.contains("heap/allocator.rs") && !frame.contains("src/alloc.rs"),
                "the harness's own frame {frame} in {site:#}"
            );
        }
    }
}

#[test]
fn allocators_cross_variants_and_change_nothing_but_memory() {
    let yaml = ORTHO
        .replace(
            "measure: { ",
            "matrix: { allocator: [system, mimalloc] }\nmeasure: { phase_peaks: true, inputs: dropped, ",
        )
        .replace(
            "targets:\n",
            "targets:\n  - { identical: [in-memory, depth-first], digest: orthos }\n",
        );
    let (project, file) = Project::of("tiny", &yaml);
    let ended = project.smoke(&file, &[]).expect_code(0);
    let result = project.result("tiny.smoke");
    ended.expect_verdicts(&result, &["pass"; 2]);
    let variants = result["variants"].as_array().unwrap();
    assert_eq!(variants.len(), 4);
    for implementation in ["in-memory", "depth-first"] {
        for allocator in ["system", "mimalloc"] {
            let it = variant(&result, &format!("{implementation}+{allocator}"));
            assert_eq!(it["implementation"], implementation);
            assert_eq!(it["allocator"], allocator);
            let metric = |name: &str| it["metrics"][name]["max"].as_f64();
            assert_eq!(metric("orthos"), Some(13314.0));
            // A phase's own peak, and never above the process's.
            let phase = metric("phase.search.peak_rss").unwrap();
            assert!(
                phase > 0.0 && phase <= metric("peak_rss").unwrap(),
                "{it:#}"
            );
        }
    }
}

#[test]
fn a_known_value_that_is_not_had_fails() {
    let (project, file) = Project::of("tiny", &ORTHO.replace("13314", "13315"));
    let ended = project.smoke(&file, &[]).expect_code(1);
    ended.expect_said(&["orthos is 13314"]);
}

/// A workload that reports what it was told, and whose input has two lines.
const TOLD: &str = r#"#!/bin/sh
home=$(dirname "$0")
metric() {
    printf '{"t":1,"event":"metric","name":"%s","unit":"count","better":"neither","value":%s}\n' \
        "$1" "$2" >> "$PLIMSOLL_EVENTS"
}
case $1 in
describe)
    echo '{"protocol":1,"workloads":[{"name":"told","generator":1,"schema":{},"defaults":{"n":1},
        "implementations":[{"id":"one"},{"id":"two"}]}]}' ;;
key)
    echo '{"params":{"n":1},"input_key":{}}' ;;
prepare)
    echo first > "$PLIMSOLL_INPUTS/text"
    if [ -e "$home/slow" ]; then : > "$home/half"; exec sleep 300; fi
    echo second >> "$PLIMSOLL_INPUTS/text" ;;
run)
    metric lines "$(wc -l < "$PLIMSOLL_INPUTS/text")"
    metric threads "${PLIMSOLL_THREADS:-0}"
    metric budget "${PLIMSOLL_MEMORY_BUDGET:-0}" ;;
esac
"#;

/// Writes the program into the project, and a scenario of it.
pub(crate) fn told(project: &Project) -> String {
    program(project, "told.sh", TOLD);
    let yaml = "name: told\nworkload: { program: ./told.sh, name: told }\nvariants:\n\
        - { id: one }\n\
        - { id: two, threads: 3, budget: 5 MiB }\n\
        measure: { warmup: 0, runs: 1 }\n\
        targets:\n\
        - { equals: { lines: 2 } }\n\
        - { equals: { threads: 3, budget: 5242880 }, variant: two }\n\
        - { equals: { budget: 0 }, variant: one }\n";
    project.scenario("told", yaml)
}

#[test]
fn a_program_in_any_language_is_told_what_the_scenario_sets() {
    let project = Project::new();
    let file = told(&project);
    let ended = project.run(&["run", &file]).expect_code(0);
    let result = project.result("told.default");
    ended.expect_verdicts(&result, &["pass"; 3]);
}
