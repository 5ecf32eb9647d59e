//! The workload `umi` through the binary: grouped files proved and kept, files that cannot be grouped named.

use crate::support::{Project, variant};

const TINY: &str = r"
name: tiny
workload: umi
params: { shape: dual-paired, records: 4000 }
variants:
  - { id: per-group, baseline: true, threads: 2, params: { strategy: paired } }
  - { id: compact, threads: 3, params: { strategy: paired } }
  - { id: compact-1, implementation: compact, threads: 1, params: { strategy: paired } }
measure: { warmup: 0, runs: 1, dhat: false }
targets:
  - { identical: [per-group, compact, compact-1], digest: records }
  - { identical: [per-group, compact, compact-1], digest: metrics }
";

#[test]
fn grouped_files_are_proved_and_kept() {
    let (project, result) = Project::proved("tiny", TINY);
    for id in ["per-group", "compact", "compact-1"] {
        let kept = std::fs::read(project.path(&format!("kept/{id}.bam"))).unwrap();
        assert_eq!(kept[..4], [0x1f, 0x8b, 8, 4]);
        let metrics = &variant(&result, id)["metrics"];
        for metric in [
            "accepted",
            "molecules",
            "families",
            "output_bytes",
            "queue_peak",
        ] {
            let median = metrics[metric]["median"].as_f64();
            assert!(median.is_some_and(|median| median > 0.0), "{id}: {metric}");
        }
    }
}

#[test]
fn a_file_that_cannot_be_grouped_is_named_before_anything_runs() {
    let project = Project::new();
    let path = project.path("reads.bam");
    std::fs::write(&path, "no BAM at all").unwrap();
    let yaml = format!(
        "name: real\nworkload: umi\nparams: {{ input: {} }}\nvariants: [{{ id: compact }}]\n\
         measure: {{ warmup: 0, runs: 1, dhat: false }}\n",
        path.display()
    );
    let file = project.scenario("real", &yaml);
    let ended = project.run(&["run", &file]);
    assert_ne!(ended.code, Some(0), "{}", ended.all());
    ended.expect_error(&["reads.bam, block at byte 0: no block of BGZF begins there"]);
}
