//! The workload `embeddings` through the binary: two steps, files, codes and answers proved, a killed writer that goes on.

use crate::support::{Project, variant};

const TINY: &str = r"
name: tiny
workload: embeddings
params: { n: 600, dim: 16, queries: 10, reads: 500, rescore: 60, lazy: 50, cold: 10 }
variants:
  - { id: heap-map, baseline: true, threads: 2 }
  - { id: synced-map, params: { commit_every: 100 } }
  - { id: mapped, threads: 3 }
  - { id: sq8, threads: 2 }
  - { id: sq8-1, implementation: sq8, threads: 1, params: { commit_every: 7 } }
  - { id: sq8-streaming, threads: 2 }
  - { id: pq, threads: 2 }
  - { id: binary, threads: 2 }
  - { id: tiered, threads: 2, params: { pool_share: true } }
  - { id: tiered-sq8, implementation: tiered, threads: 2, params: { records: sq8-per-dimension } }
measure: { warmup: 0, runs: 1, dhat: false }
targets:
  - { identical: [heap-map, synced-map, mapped, pq, binary, tiered], digest: vectors }
  - { identical: [heap-map, synced-map, mapped], digest: answers }
  - { identical: [sq8, sq8-1, tiered-sq8], digest: vectors }
  - { identical: [sq8, sq8-1] }
  - { identical: [binary, tiered, tiered-sq8], digest: codes }
  - { metric: recall, variants: [heap-map, mapped], at_least: 1 }
  - { metric: recall, variants: [sq8, sq8-streaming, tiered], at_least: 0.9 }
";

#[test]
fn files_codes_and_answers_are_proved_and_kept() {
    let (project, result) = Project::proved("tiny", TINY);
    let answers = |id: &str| std::fs::read(project.path(&format!("kept/{id}.answers"))).unwrap();
    assert_eq!(answers("heap-map"), answers("mapped"));
    assert_eq!(answers("sq8"), answers("sq8-1"));
    let positive = |id: &str, metric: &str| {
        let median = variant(&result, id)["metrics"][metric]["median"].as_f64();
        assert!(median.is_some_and(|median| median > 0.0), "{id}: {metric}");
    };
    for id in ["heap-map", "mapped", "sq8", "binary", "tiered"] {
        for metric in [
            "step.ingest.cpu",
            "step.serve.peak_rss",
            "append_cpu",
            "disk_bytes_per_vector",
            "open_time",
            "read_cpu",
            "read_p99",
            "query_cpu",
            "recall",
        ] {
            positive(id, metric);
        }
    }
    for metric in ["hit_rate", "lazy_p50", "lazy_cold_p50", "device_p50"] {
        positive("tiered", metric);
    }
    positive("sq8", "cosine_error");
    assert!(variant(&result, "tiered")["metrics"]["pool_share"].is_object());
}

#[test]
fn a_killed_writer_goes_on_from_its_last_commit() {
    let yaml = "name: crash\nworkload: embeddings\nparams: { n: 600, dim: 16, queries: 5, reads: 100, commit_every: 60 }\nvariants:\n\
         \x20 - { id: binary, baseline: true }\n\
         \x20 - { id: killed, implementation: binary, kill: { step: ingest, at: random, seed: 3, times: 2 } }\n\
         measure: { warmup: 0, runs: 2, count: false, dhat: false }\n\
         targets: [{ identical: [binary, killed] }]\n";
    let (_project, result) = Project::proved("crash", yaml);
    assert_eq!(result["verdicts"][0]["verdict"], "pass");
}

#[test]
fn parameters_that_cannot_be_are_named_before_anything_runs() {
    let yaml = "name: odd\nworkload: embeddings\nparams: { dim: 16, code_bytes: 5 }\nvariants: [{ id: pq }]\n\
         measure: { warmup: 0, runs: 1, dhat: false }\n";
    let (project, file) = Project::of("odd", yaml);
    let ended = project.run(&["run", &file]);
    assert_ne!(ended.code, Some(0), "{}", ended.all());
    ended.expect_error(&["code_bytes is 5", "16, the dimension, is a multiple of"]);
}
