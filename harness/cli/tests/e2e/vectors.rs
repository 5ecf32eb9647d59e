//! The workload `vectors` through the binary: two steps, answers proved and kept, vectors of files, one index for all threads.

use crate::support::{Project, variant};

const TINY: &str = r"
name: tiny
workload: vectors
params: { n: 600, dim: 16, queries: 20, m: 8, ef_construction: 40, ef: [16, 64] }
variants:
  - { id: hnsw-rs, baseline: true, threads: 2 }
  - { id: quantized, threads: 3 }
  - { id: quantized-1, implementation: quantized, threads: 1 }
measure: { warmup: 0, runs: 1, dhat: false }
targets:
  - { identical: [hnsw-rs, quantized, quantized-1], digest: input }
  - { identical: [hnsw-rs, quantized, quantized-1], digest: truth }
  - { identical: [quantized, quantized-1], digest: index }
  - { identical: [quantized, quantized-1], digest: answers }
  - { metric: recall_ef64, variants: [hnsw-rs, quantized], at_least: 0.9 }
";

#[test]
fn answers_are_proved_and_kept() {
    let (project, result) = Project::proved("tiny", TINY);
    let answers = |id: &str| std::fs::read(project.path(&format!("kept/{id}.answers"))).unwrap();
    assert_eq!(answers("quantized"), answers("quantized-1"));
    for id in ["hnsw-rs", "quantized"] {
        let metrics = &variant(&result, id)["metrics"];
        for metric in [
            "step.build.cpu",
            "step.query.peak_rss",
            "vectors_per_cpu_s",
            "p95_ef16",
            "index_bytes",
        ] {
            assert!(
                metrics[metric]["median"].as_f64().unwrap() > 0.0,
                "{id}: {metric}"
            );
        }
    }
}

/// A scenario over a file of queries, and one of vectors with these two rows.
fn over(project: &Project, rows: [[f32; 2]; 2]) -> String {
    let write = |name: &str, rows: &[[f32; 2]]| {
        let row = |row: &[f32; 2]| {
            [
                2_i32.to_le_bytes(),
                row[0].to_le_bytes(),
                row[1].to_le_bytes(),
            ]
            .concat()
        };
        let path = project.path(name);
        std::fs::write(&path, rows.iter().flat_map(row).collect::<Vec<u8>>()).unwrap();
        path.display().to_string()
    };
    let (base, queries) = (
        write("base.fvecs", &rows),
        write("queries.fvecs", &rows[..1]),
    );
    let yaml = format!(
        "name: real\nworkload: vectors\nparams: {{ base_file: {base}, query_file: {queries}, ef: [16] }}\nvariants: [{{ id: quantized }}]\n\
         measure: {{ warmup: 0, runs: 1, dhat: false }}\n"
    );
    project.scenario("real", &yaml)
}

#[test]
fn vectors_of_files_are_indexed_and_bad_ones_named_before_anything_runs() {
    let project = Project::new();
    let file = over(&project, [[0.0, 1.0], [2.0, 3.0]]);
    project.run(&["run", &file]).expect_code(0);
    let result = project.result("real.default");
    let recall = &variant(&result, "quantized")["metrics"]["recall_ef16"]["median"];
    assert_eq!(recall.as_f64(), Some(1.0));
    let file = over(&project, [[0.0, 1.0], [2.0, f32::NAN]]);
    let ended = project.run(&["run", &file]);
    assert_ne!(ended.code, Some(0), "{}", ended.all());
    ended.expect_error(&["base.fvecs", "row 1, column 1 is NaN"]);
}

#[test]
fn a_build_that_does_not_fit_is_refused_with_what_would() {
    let yaml = "name: tight\nworkload: vectors\nparams: { n: 3000, dim: 512, queries: 5, m: 8, ef_construction: 24, ef: [16] }\n\
         variants: [{ id: quantized, threads: 2, budget: 4 MiB }]\n\
         measure: { warmup: 0, runs: 1, count: false, dhat: false }\n\
         targets: [{ outcome: refused, variant: quantized }]\n";
    let (project, file) = Project::of("tight", yaml);
    let ended = project.run(&["run", &file]).expect_code(0);
    ended.expect_said(&["PASS  quantized ends refused"]);
    ended.expect_error(&["the memory budget leaves no more", "raise it by"]);
}
