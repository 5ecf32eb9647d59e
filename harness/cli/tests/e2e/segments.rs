//! The workload `segments` through the binary: archives kept and proved, real files as input, a budget that is obeyed.

use crate::support::{Project, names_in, variant};

const TINY: &str = r"
name: tiny
workload: segments
params: { segment_size: 1000, level: 3, ref_level: 3, zstd: oneshot }
variants:
  - { id: batch, baseline: true, threads: 2 }
  - { id: bounded, threads: 3 }
  - { id: cross-referenced, threads: 1 }
measure: { warmup: 0, runs: 1, dhat: false }
targets:
  - { identical: [batch, bounded, cross-referenced], digest: records }
  - { identical: [batch, bounded], digest: file }
  - { equals: { logical: a2df6acbfbaf8dd285f7c2799662a93e20fcbabb295a51d68a519b36988ebb40 }, variants: [batch, bounded] }
";

#[test]
fn archives_are_proved_and_kept() {
    let (project, result) = Project::proved("tiny", TINY);
    let archive = |id: &str| std::fs::read(project.path(&format!("kept/{id}.segw"))).unwrap();
    assert_eq!(archive("bounded"), archive("batch"));
    assert!(archive("bounded").starts_with(b"SEGW0001"));
    assert!(archive("cross-referenced").starts_with(b"SEGX0001"));
    let size = variant(&result, "bounded")["metrics"]["archive_bytes"]["median"].as_f64();
    assert_eq!(size, Some(archive("bounded").len() as f64));
}

/// A scenario over files of the project.
fn over(project: &Project, files: &[(&str, &str)]) -> String {
    for (name, text) in files {
        let path = project.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let names: Vec<_> = files
        .iter()
        .map(|(name, _)| project.path(name).display().to_string())
        .collect();
    let yaml = format!(
        "name: real\nworkload: segments\nparams: {{ input: [{}] }}\nvariants: [{{ id: bounded }}]\n\
         measure: {{ warmup: 0, runs: 1, dhat: false }}\n",
        names.join(", ")
    );
    project.scenario("real", &yaml)
}

#[test]
fn real_files_are_compressed_and_proved() {
    let project = Project::new();
    let files = [
        ("ref.fa", ">c1 first\nACGTNNRY\r\nacgt\n>empty\n"),
        ("b.fna", ">c1\nACGT"),
    ];
    let file = over(&project, &files);
    project.run(&["run", &file]).expect_code(0);
    let result = project.result("real.default");
    assert_eq!(result["trials"][0]["verification"]["verified"], true);
    let bases = &variant(&result, "bounded")["metrics"]["bases"]["median"];
    assert_eq!(bases.as_f64(), Some(16.0));
}

#[test]
fn bad_files_are_named_before_anything_runs() {
    let refused = |files: &[(&str, &str)], needles: &[&str]| {
        let project = Project::new();
        let file = over(&project, files);
        let ended = project.run(&["run", &file]);
        assert_ne!(ended.code, Some(0), "{}", ended.all());
        ended.expect_error(needles);
    };
    let fine = ">r\nACGT\n";
    refused(
        &[("a.fa", fine), ("sub/a.fna", fine)],
        &["a.fa", "sub/a.fna"],
    );
    refused(
        &[("a.fa", fine), ("b.fa", "ACGT\n>r\nACGT\n")],
        &["b.fa", "before"],
    );
}

#[test]
fn a_budget_that_cannot_be_kept_is_refused_with_what_it_takes() {
    let yaml = TINY.split("variants:").next().unwrap().to_owned()
        + "variants: [{ id: bounded, budget: 1 MiB }]\n\
           measure: { warmup: 0, runs: 1, dhat: false }\n\
           targets: [{ outcome: refused, variant: bounded }]\n";
    let (project, file) = Project::of("tiny", &yaml);
    let ended = project
        .run(&["run", &file, "--keep-output", "kept"])
        .expect_code(0);
    ended.expect_said(&["memory budget"]);
    let kept = names_in(&project.path("kept"));
    assert!(kept.is_empty(), "{kept:?}");
}
